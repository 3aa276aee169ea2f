#include "app/cli/command_table.h"

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;

const std::vector<CommandSpec>& commandTable() {
    static const Place kWho{"who"_L1, "WHO"_L1};
    static const Place kMessage{"message"_L1, "MESSAGE"_L1};
    static const Place kTransfer{"transfer"_L1, "ID"_L1};
    static const Place kText{"text"_L1, "TEXT"_L1};
    static const Place kFolder{"folder"_L1, "DIR"_L1, ValueKind::Folder, true};
    static const Place kFile{"file"_L1, "FILE"_L1, ValueKind::File};
    static const Option kTimeout{"timeout"_L1, "timeout"_L1, ValueKind::Seconds, "S"_L1};
    static const Option kLimit{"limit"_L1, "limit"_L1, ValueKind::Number, "N"_L1};
    static const Option kPassphrase{"passphrase-file"_L1, "passphrase_file"_L1, ValueKind::File, "FILE"_L1};

    static const std::vector<CommandSpec> kTable{
        {"init"_L1,
         "init"_L1,
         {},
         {{"name"_L1, "name"_L1, ValueKind::Text, "NAME"_L1}},
         Needs::Nothing,
         "make a profile"_L1},
        {"id"_L1, "id"_L1, {}, {}, Needs::Store, "who this profile is"_L1},
        {"run"_L1,
         "run"_L1,
         {},
         {{"port"_L1, "port"_L1, ValueKind::Number, "N"_L1},
          {"accept-files"_L1, "accept_files"_L1, ValueKind::Folder, "DIR"_L1},
          {"allow-all"_L1, "allow_all"_L1},
          {"no-discovery"_L1, "no_discovery"_L1},
          {"discovery-port"_L1, "discovery_port"_L1, ValueKind::Number, "N"_L1},
          {"connect"_L1, "connect"_L1, ValueKind::Text, "HOST:PORT"_L1, true}},
         Needs::Nothing,
         "a node in the foreground; prints events, takes commands as JSON on standard input"_L1},
        {"peers"_L1,
         "peers"_L1,
         {},
         {{"wait"_L1, "wait"_L1, ValueKind::Seconds, "S"_L1}},
         Needs::Network,
         "who is there"_L1},
        {"send"_L1,
         "send"_L1,
         {kWho, kText},
         {kTimeout},
         Needs::Network,
         "send a text (- reads standard input) and wait S seconds (10) for its delivery"_L1},
        {"send-file"_L1,
         "send-file"_L1,
         {kWho, {"path"_L1, "PATH"_L1, ValueKind::File, false, true}},
         {kTimeout},
         Needs::Network,
         "offer files; give up after S seconds (60) without progress"_L1},
        {"transfers"_L1, "transfers"_L1, {}, {}, Needs::Store, "files offered and fetched"_L1},
        {"accept"_L1,
         "accept"_L1,
         {kTransfer, kFolder},
         {kTimeout},
         Needs::Network,
         "fetch an offered file"_L1},
        {"cancel"_L1, "cancel"_L1, {kTransfer}, {}, Needs::Store, "give a transfer up"_L1},
        {"resume"_L1, "resume"_L1, {kTransfer}, {kTimeout}, Needs::Network, "fetch the rest of a file"_L1},
        {"history"_L1,
         "history"_L1,
         {kWho},
         {kLimit, {"before"_L1, "before"_L1, ValueKind::Time, "TIME"_L1}},
         Needs::Store,
         "the newest N messages (100; 0 for all)"_L1},
        {"search"_L1,
         "search"_L1,
         {{"words"_L1, "WORDS"_L1, ValueKind::Text, false, true}},
         {{"in"_L1, "in"_L1, ValueKind::Text, "WHO"_L1},
          {"from"_L1, "from"_L1, ValueKind::Text, "WHO"_L1},
          {"since"_L1, "since"_L1, ValueKind::Time, "TIME"_L1},
          {"until"_L1, "until"_L1, ValueKind::Time, "TIME"_L1},
          kLimit},
         Needs::Store,
         "messages with all these words, newest first"_L1},
        {"contact link"_L1, "contact-link"_L1, {}, {}, Needs::Network, "how others find this profile"_L1},
        {"requests"_L1, "requests"_L1, {}, {}, Needs::Store, "strangers who have written"_L1},
        {"allow"_L1, "allow"_L1, {kWho}, {}, Needs::Store, "accept somebody"_L1},
        {"ignore"_L1, "ignore"_L1, {kWho}, {}, Needs::Store, "keep a request out of sight"_L1},
        {"block"_L1, "block"_L1, {kWho}, {}, Needs::Store, "take nothing from somebody any more"_L1},
        {"unblock"_L1, "unblock"_L1, {kWho}, {}, Needs::Store, "lift a block"_L1},
        {"edit"_L1, "edit"_L1, {kMessage, kText}, {}, Needs::Store, "change one's own message"_L1},
        {"delete"_L1, "delete"_L1, {kMessage}, {}, Needs::Store, "delete one's own message for everyone"_L1},
        {"react"_L1,
         "react"_L1,
         {kMessage, {"emoji"_L1, "EMOJI"_L1}},
         {{"remove"_L1, "remove"_L1}},
         Needs::Store,
         "put an emoji on a message"_L1},
        {"reply"_L1, "reply"_L1, {kMessage, kText}, {kTimeout}, Needs::Network, "answer a message"_L1},
        {"read"_L1, "read"_L1, {kWho}, {}, Needs::Store, "mark a conversation as read"_L1},
        {"verify"_L1,
         "verify"_L1,
         {kWho},
         {{"confirm"_L1, "confirm"_L1}, {"withdraw"_L1, "withdraw"_L1}},
         Needs::Store,
         "the safety number; --confirm once both sides have compared it"_L1},
        {"name"_L1, "name"_L1, {{"name"_L1, "NAME"_L1}}, {}, Needs::Store, "change one's name"_L1},
        {"presence"_L1,
         "presence"_L1,
         {{"state"_L1, "STATE"_L1}, {"text"_L1, "TEXT"_L1, ValueKind::Text, true}},
         {},
         Needs::Store,
         "online, away, busy or invisible, and a status text"_L1}};
    static_cast<void>(kFile);
    static_cast<void>(kPassphrase);
    return kTable;
}

}  // namespace landline::app::cli
