// `landline-relay backup` and `restore`
#include "relay/commands.h"
#include "relay/desk.h"
#include "relay/store/folder_work.h"

#include <iostream>

namespace landline::relay {

int runBackup(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const auto work = FolderWork::begin(settings->config.folder, FolderWork::Kind::BackUp);
    if (!work) return fail(work.error());
    // Through the file itself, whether the relay serves or not: so the copy can go wherever the operator may write.
    if (const auto done = (*work)->backUp(invocation.argument, invocation.replace); !done)
        return fail(done.error());
    std::cout << "The backup is " << invocation.argument << ". The relay's key is not in it: keep a copy of "
              << keyFileIn(*settings) << " as well, once." << std::endl;
    return 0;
}

int runRestore(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    const auto work = FolderWork::begin(settings->config.folder, FolderWork::Kind::Restore);
    if (!work) return fail(work.error());
    SystemRandom random;
    // Read through and found right before the relay hears of it.
    const auto ready = (*work)->layReady(invocation.argument, invocation.verify, random);
    if (!ready) return fail(ready.error());
    const auto desk = Desk::open(settings->config);
    const auto replaced = desk ? (*desk)->takeRestored() : Expected<std::string>(Unexpected(desk.error()));
    if (!replaced) {
        (*work)->discard();
        return fail(replaced.error());
    }
    std::cout << "Restored " << ready->accounts << " mailboxes with " << ready->items
              << " messages. The database there was is " << *replaced
              << ". Who was shut out since the backup must be revoked again, and invites are as they were then: see \"landline-relay "
                 "invites\"." << std::endl;
    return 0;
}

}  // namespace landline::relay
