#include "app/views/message_layout.h"
#include "app/views/emoji_text.h"
#include "app/views/message_delegate.h"

#include <QImage>
#include <QPainter>
#include <QStandardItemModel>
#include <QTest>

namespace landline::app {

namespace {

MessageRow textRow(const QString& text, bool own = false) {
    MessageRow row;
    row.message.text = text;
    row.message.own = own;
    row.message.time = QDateTime(QDate(2026, 3, 20), QTime(12, 0)).toMSecsSinceEpoch();
    row.message.state = own ? MessageState::Delivered : MessageState::Received;
    return row;
}

MessageRow fileRow(TransferState state, bool incoming) {
    auto row = textRow({}, !incoming);
    row.message.kind = MessageKind::File;
    TransferRecord file;
    file.name = QStringLiteral("a rather long name of a file that hardly fits anywhere.tar.gz");
    file.size = 1'000'000;
    file.done = 400'000;
    file.state = state;
    file.incoming = incoming;
    file.path = QStringLiteral("/nowhere/file");
    if (state == TransferState::Failed) file.error = QStringLiteral("It broke. Try again. ").repeated(9);
    row.message.file = file;
    return row;
}

/// A file whose name says the size of the picture in it.
MessageRow pictureRow(TransferState state, bool incoming, const QSize& size) {
    auto row = fileRow(state, incoming);
    row.message.file->name = QStringLiteral("%1x%2.png").arg(size.width()).arg(size.height());
    row.message.file->path = QStringLiteral("/nowhere/picture.png");
    return row;
}

QSize pictureIn(const MessageRow& row) {
    if (!row.message.file || !row.message.file->name.endsWith(u".png")) return {};
    const auto sides = row.message.file->name.chopped(4).split(u'x');
    return {sides[0].toInt(), sides[1].toInt()};
}

/// One row of every form that a message can take.
QList<std::pair<QString, MessageRow>> everyForm() {
    QList<std::pair<QString, MessageRow>> forms{
        {QStringLiteral("short"), textRow(QStringLiteral("hi"))},
        {QStringLiteral("own"), textRow(QStringLiteral("hi"), true)},
        {QStringLiteral("long"), textRow(QStringLiteral("word ").repeated(200))},
        {QStringLiteral("one endless word"), textRow(QString(3000, u'x'), true)},
        {QStringLiteral("Chinese"), textRow(QStringLiteral("设计文档在这里请看一下").repeated(20))},
        {QStringLiteral("many lines"), textRow(QStringLiteral("a\n\nb\n").repeated(30))},
        {QStringLiteral("right to left"), textRow(QStringLiteral("שלום עולם ").repeated(10))},
        {QStringLiteral("emoji"), textRow(QStringLiteral("😀🎉"), true)},
        {QStringLiteral("emoji and text"), textRow(QStringLiteral("well 😀 done 🎉").repeated(9))},
        {QStringLiteral("link"), textRow(QStringLiteral("see https://example.org/a?b=c."))}};
    auto deleted = textRow({}, true);
    deleted.message.deleted = true;
    forms.append({QStringLiteral("deleted"), deleted});
    auto unsupported = textRow({});
    unsupported.message.kind = MessageKind::Unsupported;
    forms.append({QStringLiteral("unsupported"), unsupported});
    auto reply = textRow(QStringLiteral("yes"));
    reply.message.replyTo = EntryRef{};
    reply.message.replyAuthor = QStringLiteral("Somebody with a very long name indeed");
    reply.message.replyText = QStringLiteral("what was asked ").repeated(40);
    reply.message.edited = true;
    forms.append({QStringLiteral("reply"), reply});
    auto reactions = textRow(QStringLiteral("ok"), true);
    for (int i = 0; i < 14; ++i)
        reactions.message.reactions.push_back(
            {QStringLiteral("👍"), std::vector<PersonId>(static_cast<std::size_t>(i + 1))});
    forms.append({QStringLiteral("reactions"), reactions});
    for (const int count : {1, 14})
        for (const bool own : {true, false}) {
            auto bare = textRow(QStringLiteral("😀🎉👍"), own);
            for (int i = 0; i < count; ++i)
                bare.message.reactions.push_back({QStringLiteral("❤️"), std::vector<PersonId>(3)});
            forms.append({QStringLiteral("emoji with %1 reactions %2").arg(count).arg(own), bare});
        }
    auto lines = textRow(QStringLiteral("with lines above"));
    lines.startsDay = lines.startsUnread = true;
    forms.append({QStringLiteral("day and unread lines"), lines});
    for (const auto state :
         {TransferState::Offered, TransferState::Queued, TransferState::Running, TransferState::Paused,
          TransferState::Done, TransferState::Failed, TransferState::Cancelled})
        for (const bool incoming : {true, false})
            forms.append({QStringLiteral("file %1 %2").arg(static_cast<int>(state)).arg(incoming),
                          fileRow(state, incoming)});
    for (const QSize size :
         {QSize(1, 1), QSize(30, 20), QSize(4000, 3000), QSize(3000, 4000), QSize(9000, 10), QSize(10, 9000)})
        for (const auto state : {TransferState::Done, TransferState::Offered, TransferState::Running})
            for (const bool react : {false, true}) {
                auto picture = pictureRow(state, state == TransferState::Done, size);
                if (react)
                    for (int i = 0; i < 9; ++i)
                        picture.message.reactions.push_back(
                            {QStringLiteral("👍"), std::vector<PersonId>(static_cast<std::size_t>(i + 1))});
                forms.append({QStringLiteral("picture %1x%2 %3 %4")
                                  .arg(size.width())
                                  .arg(size.height())
                                  .arg(static_cast<int>(state))
                                  .arg(react),
                              picture});
            }
    return forms;
}

LayoutContext contextFor(int width) {
    LayoutContext context;
    context.width = width;
    context.today = QDate(2026, 3, 20);
    context.base = QApplication::font();
    return context;
}

LayoutContext contextFor(const MessageRow& row, int width) {
    auto context = contextFor(width);
    context.picture = pictureIn(row);
    if (row.message.file) context.transfer = TransferView{*row.message.file, QStringLiteral("Grace"), true};
    return context;
}

/// What is in a bundle of so many files, of which some did not come.
BundleContents contentsOf(quint32 files, quint32 failed) {
    BundleContents contents;
    contents.files = files;
    contents.folders = 1;
    contents.failed = failed;
    contents.items.push_back({QStringLiteral("folder"), 0, true, {}});
    for (quint32 i = 0; i < files; ++i) {
        contents.items.push_back(
            {QStringLiteral("folder/a file with a long name %1.txt").arg(i), 9, false, {}});
        if (i >= failed) continue;
        contents.items.back().failure = wire::ItemFailure::Changed;
        contents.missing.push_back(contents.items.back());
    }
    return contents;
}

bool offers(const MessageHit& hit, TransferAction action) {
    return hit.kind == MessageHit::Kind::File && hit.action == action;
}

/// A model with one row, as the delegate reads it.
class OneRow : public QAbstractListModel {
public:
    explicit OneRow(const MessageRow& row) : m_row(row) {}
    int rowCount(const QModelIndex&) const override { return 1; }
    QVariant data(const QModelIndex&, int role) const override {
        return role == MessageListModel::RowRole ? QVariant::fromValue(&m_row) : QVariant();
    }

private:
    const MessageRow& m_row;
};

}  // namespace

class MessageLayoutTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPartLiesInsideItsBubble_data() { formsAndWidths(); }
    void everyPartLiesInsideItsBubble() {
        QFETCH(int, form);
        QFETCH(int, width);
        const auto row = everyForm().at(form).second;
        const auto layout = layOut(row, contextFor(row, width));
        const QRect whole(QPoint(), layout.size);
        QVERIFY(whole.contains(layout.bubble));
        for (const QRect& part :
             {layout.reply, layout.replyAuthor.rect, layout.replyText.rect, layout.fileIcon,
              layout.fileName.rect, layout.fileInfo.rect, layout.fileMore.rect, layout.fileContents,
              layout.fileFailure, layout.pictureFrame, layout.meta})
            if (!part.isNull())
                QVERIFY2(layout.bubble.contains(part), qPrintable(describe(layout.bubble, part)));
        for (const auto& chip : layout.chips)
            QVERIFY2(layout.bubble.contains(chip.rect), qPrintable(describe(layout.bubble, chip.rect)));
        for (const auto& button : layout.buttons)
            QVERIFY2(layout.bubble.contains(button.rect), qPrintable(describe(layout.bubble, button.rect)));
        QVERIFY(layout.picture.isNull() || layout.pictureFrame.contains(layout.picture));
        if (layout.day) QVERIFY(!layout.day->rect.intersects(layout.bubble));
        if (layout.unread) QVERIFY(!layout.unread->rect.intersects(layout.bubble));
        if (layout.text) verifyTextInside(layout);
    }

    void paintsWithinItsSizeHint_data() { formsAndWidths(); }
    void paintsWithinItsSizeHint() {
        QFETCH(int, form);
        QFETCH(int, width);
        const auto row = everyForm().at(form).second;
        Theme theme;
        MessageDelegate delegate(&theme, nullptr);
        OneRow model(row);
        QStyleOptionViewItem option;
        option.rect = QRect(0, 0, width, 1);
        const QSize hint = delegate.sizeHint(option, model.index(0));
        QCOMPARE(hint, delegate.layout(row, width).size);
        QCOMPARE(hint.width(), width);
        QImage image(width + 40, hint.height() + 40, QImage::Format_RGB32);
        image.fill(Qt::magenta);
        QPainter painter(&image);
        option.rect = QRect(QPoint(20, 20), hint);
        delegate.paint(&painter, option, model.index(0));
        painter.end();
        QVERIFY(countPainted(image, option.rect) > 0);
        // A shadow's last line may fall one below.
        QCOMPARE(countPainted(image, image.rect()), countPainted(image, option.rect.adjusted(0, 0, 0, 1)));
    }

    void pressesReachWhatIsPainted() {
        auto row = fileRow(TransferState::Offered, true);
        row.message.reactions.push_back({QStringLiteral("🎉"), {PersonId{}}});
        const auto layout = layOut(row, contextFor(row, 600));
        QCOMPARE(layout.buttons.size(), std::size_t{3});
        QVERIFY(offers(layout.hit(layout.buttons[0].rect.center()), TransferAction::Accept));
        QVERIFY(offers(layout.hit(layout.buttons[1].rect.center()), TransferAction::AcceptInto));
        QVERIFY(offers(layout.hit(layout.buttons[2].rect.center()), TransferAction::Decline));
        QVERIFY(offers(layout.hit(layout.fileIcon.center()), TransferAction::Accept));
        const auto reaction = layout.hit(layout.chips[0].rect.center());
        QCOMPARE(reaction.kind, MessageHit::Kind::Reaction);
        QCOMPARE(reaction.value, QStringLiteral("🎉"));
        QCOMPARE(layout.hit(QPoint(598, 2)).kind, MessageHit::Kind::None);
    }

    void aTransferUnderWayKeepsItsHeight() {
        const auto row = fileRow(TransferState::Running, true);
        auto context = contextFor(row, 400);
        const QSize atFirst = layOut(row, context).size;
        context.transfer->record.size = 28'700'000;
        context.transfer->record.done = 0;
        context.transfer->record.speed = 4'100'000;
        const auto later = layOut(row, context);
        QCOMPARE(later.size, atFirst);
        QCOMPARE(later.fileMore.text, QStringLiteral("4.1 MB/s · 7 s left"));
        context.transfer->record.stage = FetchStage::Comparing;
        QCOMPARE(layOut(row, context).size, atFirst);
    }

    void aBundleShowsItsFirstNamesAndAPressAll() {
        for (const quint32 failed : {0U, 2U}) {
            auto row = fileRow(TransferState::Failed, true);
            row.message.file->items = 13;
            row.message.file->missing = failed;
            const auto contents = contentsOf(12, failed);
            for (const int width : {300, 480, 1200}) {
                auto context = contextFor(row, width);
                context.contents = &contents;
                const auto layout = layOut(row, context);
                QVERIFY(layout.bubble.contains(layout.fileContents));
                for (const auto& item : layout.fileItems) QVERIFY(layout.fileContents.contains(item.rect));
                QCOMPARE(layout.fileItems.size(), std::size_t(failed == 0 ? 4 : 2));
                if (failed == 0) QCOMPARE(layout.fileItems.back().text, QStringLiteral("and 9 more"));
                QVERIFY(offers(layout.hit(layout.fileContents.center()), TransferAction::ShowContents));
            }
        }
    }

    void picturesKeepTheirProportionsWithinBounds() {
        for (const QSize size : {QSize(30, 20), QSize(360, 320), QSize(4000, 3000), QSize(3000, 4000)})
            for (const int width : {300, 480, 1200}) {
                const auto row = pictureRow(TransferState::Done, true, size);
                const auto layout = layOut(row, contextFor(row, width));
                const QSize shown = layout.picture.size();
                QVERIFY(shown.width() <= 360 && shown.height() <= 320 && shown.width() <= size.width());
                QVERIFY(std::abs(shown.width() * size.height() - shown.height() * size.width()) <
                        std::max(size.width(), size.height()));
                QVERIFY(layout.metaOnPicture && layout.pictureFrame.contains(layout.meta));
                QVERIFY(layout.fileIcon.isNull() && layout.buttons.empty());
            }
    }

    void aPressOnAPictureOpensItAndWhatStandsOnItStaysPressable() {
        auto row = pictureRow(TransferState::Running, false, {800, 600});
        row.message.reactions.push_back({QStringLiteral("🎉"), {PersonId{}}});
        const auto layout = layOut(row, contextFor(row, 600));
        QVERIFY(offers(layout.hit(layout.picture.topLeft() + QPoint(9, 9)), TransferAction::Open));
        QVERIFY(offers(layout.hit(layout.fileIcon.center()), TransferAction::Pause));
        QVERIFY(offers(layout.hit(layout.buttons[1].rect.center()), TransferAction::Cancel));
        QCOMPARE(layout.hit(layout.chips[0].rect.center()).kind, MessageHit::Kind::Reaction);
        QVERIFY(!layout.metaOnPicture && layout.meta.top() > layout.picture.bottom());
        const auto done = pictureRow(TransferState::Done, true, {800, 600});
        const auto whole = layOut(done, contextFor(done, 600));
        QVERIFY(offers(whole.hit(whole.picture.center()), TransferAction::Open));
        QVERIFY(offers(whole.hit(whole.meta.center()), TransferAction::Open));
    }

    void pressesOnALinkGiveItsAddress() {
        const auto layout =
            layOut(textRow(QStringLiteral("https://example.org/a is the place")), contextFor(600));
        QCOMPARE(layout.hit(layout.textAt + QPoint(20, 8)).kind, MessageHit::Kind::Link);
        QCOMPARE(layout.hit(layout.textAt + QPoint(20, 8)).value, QStringLiteral("https://example.org/a"));
        const int end = qRound(layout.text->lineAt(0).naturalTextWidth());
        QCOMPARE(layout.hit(layout.textAt + QPoint(end - 4, 8)).kind, MessageHit::Kind::Text);
    }

    void everyPlaceOfATextCanBePointedAt() {
        const auto layout = layOut(textRow(QStringLiteral("word ").repeated(60)), contextFor(500));
        QVERIFY(layout.hasText() && layout.text->lineCount() > 2);
        for (int i = 0; i < layout.text->lineCount(); ++i) {
            const auto line = layout.text->lineAt(i);
            for (const int at : {line.textStart(), line.textStart() + 3}) {
                const QPointF place =
                    layout.textAt + QPointF(line.cursorToX(at), line.y() + line.height() / 2);
                QCOMPARE(layout.textPosition(place.toPoint()), at);
            }
        }
        QCOMPARE(layout.textPosition(layout.bubble.topLeft()), 0);
        QCOMPARE(layout.textPosition(layout.bubble.bottomRight()), 300);
    }

    void placeholdersCannotBeSelected() {
        auto row = textRow({}, true);
        row.message.deleted = true;
        const auto layout = layOut(row, contextFor(600));
        QVERIFY(!layout.hasText());
        QCOMPARE(layout.hit(layout.textAt + QPoint(8, 8)).kind, MessageHit::Kind::Bubble);
    }

    void reactionsHaveRoomForTheirEmoji() {
        auto row = textRow(QStringLiteral("ok"));
        row.message.reactions.push_back({QStringLiteral("👍"), {PersonId{}}});
        const auto layout = layOut(row, contextFor(600));
        QVERIFY(layout.chips[0].rect.width() >= textWidth(QStringLiteral("👍"), layout.chipFont) + 20);
        QVERIFY(layout.chips[0].rect.width() > layout.chips[0].rect.height());
    }

    void wideWindowsKeepTheirMessagesInTheMiddle() {
        constexpr int kWide = 2000;
        const auto other = layOut(textRow(QStringLiteral("hi")), contextFor(kWide));
        const auto own = layOut(textRow(QStringLiteral("word ").repeated(300), true), contextFor(kWide));
        const int edge = (kWide - kMostColumn) / 2;
        QVERIFY(other.bubble.left() >= edge && other.bubble.left() < edge + 40);
        QVERIFY(own.bubble.right() <= kWide - edge && own.bubble.right() > kWide - edge - 40);
        QVERIFY(own.bubble.width() <= 560);
    }

    void aFailedFileShowsTheWholeReason() {
        const auto failed = fileRow(TransferState::Failed, true);
        const auto layout = layOut(failed, contextFor(failed, 600));
        QVERIFY(layout.failureText && layout.failureText->lineCount() > 1);
        const auto last = layout.failureText->lineAt(layout.failureText->lineCount() - 1);
        QCOMPARE(last.textStart() + last.textLength(), int(layout.failureText->text().size()));
        QVERIFY(last.y() + last.height() <= layout.fileFailure.height());
        QVERIFY(layout.buttons.front().rect.top() > layout.fileFailure.bottom());
        const auto paused = fileRow(TransferState::Paused, true);
        QVERIFY(!layOut(paused, contextFor(paused, 600)).failureText);
    }

    void filesKeepTheEndOfTheirNames() {
        for (const int width : {300, 340, 480, 760}) {
            const auto row = fileRow(TransferState::Offered, true);
            const auto layout = layOut(row, contextFor(row, width));
            QVERIFY(layout.fileName.text.endsWith(QStringLiteral(".tar.gz")));
            // Nothing is left for the painting to cut.
            QCOMPARE(elideText(layout.fileName.text, layout.boldFont, layout.fileName.rect.width()),
                     layout.fileName.text);
        }
    }

    void ownEmojiAndTheirReactionsEndWhereTheTimeDoes() {
        auto row = textRow(QStringLiteral("😀👍"), true);
        row.message.reactions.push_back({QStringLiteral("❤️"), {PersonId{}}});
        const auto layout = layOut(row, contextFor(600));
        const QRectF ink = layout.text->lineAt(0).naturalTextRect().translated(layout.textAt);
        const int end = layout.chips[0].rect.right();
        QVERIFY(ink.left() > layout.bubble.left());
        QVERIFY2(std::abs(ink.right() - end) <= 2, qPrintable(QString::number(ink.right() - end)));
        QVERIFY(std::abs(layout.meta.right() - end) <= 10);
        // One's own message without reactions ends at the same place.
        row.message.reactions.clear();
        const auto plain = layOut(row, contextFor(600));
        QCOMPARE(plain.textAt.x(), layout.textAt.x());
    }

    void ownBubblesStandRight() {
        const auto other = layOut(textRow(QStringLiteral("hi")), contextFor(600));
        const auto own = layOut(textRow(QStringLiteral("hi"), true), contextFor(600));
        QVERIFY(other.bubble.left() < 40);
        QVERIFY(own.bubble.right() > 560);
        QVERIFY(!other.tick);
        QCOMPARE(*own.tick, MessageState::Delivered);
    }

    void findsLinks_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("urls");
        QTest::newRow("none") << QStringLiteral("no link here") << QStringList();
        QTest::newRow("end of a sentence")
            << QStringLiteral("see https://a.org/x.") << QStringList{QStringLiteral("https://a.org/x")};
        QTest::newRow("in brackets") << QStringLiteral("(http://a.org)")
                                     << QStringList{QStringLiteral("http://a.org")};
        QTest::newRow("www") << QStringLiteral("www.a.org, www.b.org")
                             << QStringList{QStringLiteral("http://www.a.org"),
                                            QStringLiteral("http://www.b.org")};
        QTest::newRow("before Chinese punctuation") << QStringLiteral("在 https://a.org/文档，请看")
                                                    << QStringList{QStringLiteral("https://a.org/文档")};
        QTest::newRow("other schemes stay text")
            << QStringLiteral("file:///etc/passwd javascript:alert(1)") << QStringList();
    }
    void findsLinks() {
        QFETCH(QString, text);
        QFETCH(QStringList, urls);
        QStringList found;
        for (const auto& link : landline::app::findLinks(text)) found.append(link.url);
        QCOMPARE(found, urls);
    }

    void aChangedMessageIsLaidOutAnew() {
        Theme theme;
        MessageDelegate delegate(&theme, nullptr);
        auto row = textRow(QStringLiteral("short"));
        const int before = delegate.layout(row, 400).size.height();
        row.message.text = QStringLiteral("word ").repeated(100);
        delegate.forget(row.message.ref.entry);
        QVERIFY(delegate.layout(row, 400).size.height() > before);
        QVERIFY(delegate.layout(row, 800).size.height() < delegate.layout(row, 400).size.height());
    }

private:
    static void formsAndWidths() {
        QTest::addColumn<int>("form");
        QTest::addColumn<int>("width");
        const auto forms = everyForm();
        for (int i = 0; i < forms.size(); ++i)
            for (const int width : {300, 480, 1200})
                QTest::addRow("%s at %d", qPrintable(forms[i].first), width) << i << width;
    }
    static QString describe(const QRect& outer, const QRect& inner) {
        return QStringLiteral("%1..%2 x %3..%4 not in %5..%6 x %7..%8")
            .arg(inner.left())
            .arg(inner.right())
            .arg(inner.top())
            .arg(inner.bottom())
            .arg(outer.left())
            .arg(outer.right())
            .arg(outer.top())
            .arg(outer.bottom());
    }
    static void verifyTextInside(const MessageLayout& layout) {
        for (int i = 0; i < layout.text->lineCount(); ++i) {
            const QRectF line = layout.text->lineAt(i).naturalTextRect().translated(layout.textAt);
            QVERIFY(line.left() >= layout.bubble.left() && line.right() <= layout.bubble.right() + 1);
            QVERIFY(line.top() >= layout.bubble.top() && line.bottom() <= layout.bubble.bottom() + 1);
            const bool last = i + 1 == layout.text->lineCount();
            if (last && layout.chips.empty())
                QVERIFY(!line.toAlignedRect().adjusted(0, 4, 0, -6).intersects(layout.meta));
        }
    }
    static int countPainted(const QImage& image, const QRect& within) {
        int count = 0;
        for (int y = within.top(); y <= std::min(within.bottom(), image.height() - 1); ++y)
            for (int x = within.left(); x <= std::min(within.right(), image.width() - 1); ++x)
                count += image.pixel(x, y) != qRgb(255, 0, 255);
        return count;
    }
};

}  // namespace landline::app

QTEST_MAIN(landline::app::MessageLayoutTest)
#include "message_layout_test.moc"
