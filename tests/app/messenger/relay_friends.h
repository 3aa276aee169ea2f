#pragma once

#include "p2p/identity/contact_link.h"
#include "tests/app/messenger/person.h"
#include "tests/app/messenger/served_relay.h"

#include <QSqlDatabase>
#include <QSqlQuery>

namespace landline::app::test {

/// Becomes a member of the relay; true once it is connected there.
[[nodiscard]] inline bool join(Person& person, ServedRelay& relay) {
    const QString url = relay.urlText(relay.invite());
    if (!person.ask([url](Messenger& m) { return m.addRelay(url); })) return false;
    return QTest::qWaitFor(
        [&] {
            const auto relays = person.ask([](Messenger& m) { return m.relays(); });
            return !relays.empty() && relays.back().state == RelayState::Connected;
        },
        ServedRelay::kPatience);
}

/// The person's contact link without addresses: it is to be reached by relays alone.
[[nodiscard]] inline QString linkByRelayOf(Person& person) {
    const QString text = person.ask([](Messenger& m) { return m.contactLink(); });
    auto link = identity::parseContactLink(text.toStdString()).value();
    link.addresses.clear();
    return QString::fromStdString(identity::encodeContactLink(link));
}

[[nodiscard]] inline bool add(Person& person, const QString& link) {
    return person.ask([link](Messenger& m) { return m.addContact(link); }).ok();
}

/// Starts both, with an account each; they know each other by links that lead to the relay only, and never meet directly
/// unless the test says so.
[[nodiscard]] inline bool befriend(Person& one, Person& other, ServedRelay& relay) {
    one.start();
    other.start();
    return join(one, relay) && join(other, relay) && add(one, linkByRelayOf(other)) &&
           add(other, linkByRelayOf(one));
}

/// Waits, with the patience that a relay may need.
template <class Condition>
[[nodiscard]] bool comes(Condition condition) {
    return QTest::qWaitFor(condition, ServedRelay::kPatience);
}

[[nodiscard]] inline MessageState stateOf(Person& person, const QString& with, const QString& text) {
    for (const MessageRecord& message : person.historyWith(with))
        if (message.text == text) return message.state;
    return MessageState::Failed;
}
[[nodiscard]] inline bool becomes(Person& person, const QString& with, const QString& text,
                                  MessageState state) {
    return comes([&] { return stateOf(person, with, text) == state; });
}
[[nodiscard]] inline bool gets(Person& person, const QString& from, const QStringList& texts) {
    return comes([&] { return person.knows(from) && person.textsWith(from) == texts; });
}

/// One column of what a statement gives in the person's store, which may be in use.
[[nodiscard]] inline QStringList inStore(const Person& person, const QString& statement) {
    QStringList values;
    const QString name = QStringLiteral("beside");
    {
        auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(QDir(person.folder()).filePath(QStringLiteral("landline.db")));
        if (!database.open()) qFatal("the store cannot be read");
        QSqlQuery query(database);
        if (!query.exec(statement)) qFatal("the store cannot be asked");
        while (query.next()) values.append(query.value(0).toString());
    }
    QSqlDatabase::removeDatabase(name);
    return values;
}
/// Everything that is to be left at relays is there, heads included.
[[nodiscard]] inline bool isPosted(const Person& person) {
    return comes([&] {
        return inStore(person,
                       QStringLiteral("SELECT device FROM heads_owed UNION ALL SELECT counter FROM deposit "
                                      "WHERE expires IS NULL"))
            .isEmpty();
    });
}
/// Deposits of entries that are not over.
[[nodiscard]] inline qsizetype depositsOf(const Person& person) {
    return inStore(person, QStringLiteral("SELECT counter FROM deposit WHERE box = 0")).size();
}

}  // namespace landline::app::test
