#pragma once

#include "app/models/message_list_model.h"
#include "app/models/message_picture.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QTemporaryDir>

#include <vector>

namespace landline::app::test {

/// Messages in every form and state, as rows that need no store.
class Gallery final : public QAbstractListModel {
public:
    Gallery() {
        addTexts();
        addStates();
        addFiles();
        addPictures();
    }
    /// The messages whose files are pictures, or say so.
    std::vector<PictureRequest> pictures() const {
        std::vector<PictureRequest> requests;
        for (const auto& row : m_rows)
            if (const auto request = pictureOf(row.message)) requests.push_back(*request);
        return requests;
    }
    /// Something that shows which side is up and where its edges are.
    static QImage drawn(const QSize& size) {
        QImage image(size, QImage::Format_RGB32);
        QPainter painter(&image);
        QLinearGradient sky(0, 0, 0, size.height());
        sky.setColorAt(0, QColor(70, 140, 210));
        sky.setColorAt(1, QColor(250, 220, 180));
        painter.fillRect(image.rect(), sky);
        painter.setRenderHint(QPainter::Antialiasing);
        const double unit = std::min(size.width(), size.height());
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(255, 245, 200));
        painter.drawEllipse(QPointF(size.width() * 0.7, size.height() * 0.3), unit * 0.12, unit * 0.12);
        painter.setBrush(QColor(40, 90, 80));
        painter.drawPolygon(QPolygonF({{0.0, 1.0 * size.height()},
                                       {size.width() * 0.4, size.height() * 0.45},
                                       {size.width() * 0.65, size.height() * 0.8},
                                       {size.width() * 0.8, size.height() * 0.6},
                                       {1.0 * size.width(), 1.0 * size.height()}}));
        return image;
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    QVariant data(const QModelIndex& index, int role) const override {
        const MessageRow* const row = &m_rows[static_cast<std::size_t>(index.row())];
        return role == MessageListModel::RowRole ? QVariant::fromValue(row) : QVariant();
    }

private:
    MessageRecord& add(const QString& text, bool own = false, bool starts = true, bool ends = true) {
        MessageRow row;
        row.message.ref.entry.number = m_rows.size() + 1;
        row.message.text = text;
        row.message.own = own;
        row.message.state = own ? MessageState::Read : MessageState::Received;
        row.message.time = QDateTime(QDate(2026, 3, 20), QTime(9, 41)).toMSecsSinceEpoch();
        row.startsGroup = starts;
        row.endsGroup = ends;
        m_rows.push_back(std::move(row));
        return m_rows.back().message;
    }

    void addTexts() {
        add(QStringLiteral("First of three,"), false, true, false);
        add(QStringLiteral("the second, which is longer than its neighbours,"), false, false, false);
        add(QStringLiteral("third."), false, false, true);
        add(QStringLiteral("One"), true, true, false);
        add(QStringLiteral("two 👌"), true, false, true);
        add(QStringLiteral("Pneumono").repeated(12) + u"!");
        add(QStringLiteral("https://example.org/") + QStringLiteral("path/").repeated(20), true);
        add(QStringLiteral("会议改到下午三点，地点不变。请大家提前十分钟到，带上各自的设计文档。")
                .repeated(2));
        add(QStringLiteral("שלום, מה שלומך היום?"));
        add(QStringLiteral("🎉"));
        auto& bare = add(QStringLiteral("😀👍"), true);
        bare.reactions.push_back({QStringLiteral("❤️"), {PersonId{}}});
        add(QStringLiteral("😂🔥🚀"), true);
        auto& reply = add(QStringLiteral("Exactly."), true);
        reply.replyTo = EntryRef{};
        reply.replyAuthor = QStringLiteral("🦊 A fox with a rather long name");
        reply.replyText =
            QStringLiteral("What was said before, at some length, with 🎂 and more words after it");
        auto& lost = add(QStringLiteral("And this?"));
        lost.replyTo = EntryRef{};
    }

    static QString noSpace() {
        return QCoreApplication::translate("Storage",
                                           "There is not enough free space for the file in %1. Free some "
                                           "space and try again.")
            .arg(QStringLiteral("/data/ada/Downloads"));
    }

    void addStates() {
        auto& reactions = add(QStringLiteral("Shall we?"));
        std::array<std::uint8_t, 32> other{1};
        reactions.reactions = {{QStringLiteral("👍"), {PersonId{}, PersonId(other)}},
                               {QStringLiteral("❤️"), {PersonId(other)}},
                               {QStringLiteral("🎉"), std::vector<PersonId>(12, PersonId(other))}};
        add(QStringLiteral("Improved"), true).edited = true;
        add({}, true).deleted = true;
        add({}).deleted = true;
        add({}).kind = MessageKind::Unsupported;
        add(QStringLiteral("Beyond the fork")).disputed = true;
        for (const auto state : {MessageState::Queued, MessageState::Held, MessageState::Delivered,
                                 MessageState::Read, MessageState::Failed})
            add(QStringLiteral("State %1").arg(static_cast<int>(state)), true).state = state;
    }

    void addFiles() {
        for (const auto state :
             {TransferState::Offered, TransferState::Queued, TransferState::Running, TransferState::Paused,
              TransferState::Done, TransferState::Failed, TransferState::Cancelled}) {
            const bool own = state == TransferState::Queued || state == TransferState::Done;
            auto& message = add({}, own);
            message.kind = MessageKind::File;
            TransferRecord file;
            file.name = QStringLiteral("Quarterly figures 季度报告 (final, really).pdf");
            file.size = 48'200'000;
            file.done = 31'000'000;
            file.state = state;
            file.incoming = !own;
            file.path = QStringLiteral("/nowhere/file");
            file.speed = 4'100'000;
            if (state == TransferState::Failed) file.error = noSpace();
            message.file = file;
        }
        addStages();
    }

    void addStages() {
        for (const auto stage : {FetchStage::Waiting, FetchStage::Comparing, FetchStage::HeldBack}) {
            auto& message = add({});
            message.kind = MessageKind::File;
            TransferRecord file;
            file.name = QStringLiteral("figures.pdf");
            file.size = 48'200'000;
            file.done = stage == FetchStage::Waiting ? 0 : 31'000'000;
            file.state = TransferState::Running;
            file.stage = stage;
            file.incoming = true;
            message.file = file;
        }
        for (const auto state : {TransferState::Offered, TransferState::Done, TransferState::Failed}) {
            auto& message = add({});
            message.kind = MessageKind::File;
            TransferRecord bundle;
            bundle.name = QStringLiteral("Photos 2026");
            bundle.size = 812'000'000;
            bundle.items = 120;
            bundle.missing = state == TransferState::Failed ? 3 : 0;
            bundle.state = state;
            bundle.incoming = true;
            bundle.path = QStringLiteral("/nowhere/Photos 2026");
            message.file = bundle;
        }
        auto& own = add({}, true);
        own.kind = MessageKind::File;
        TransferRecord sent;
        sent.name = QStringLiteral("slides.key");
        sent.size = 128'000'000;
        sent.done = 40'000'000;
        sent.speed = 900'000;
        sent.state = TransferState::Running;
        sent.path = QStringLiteral("/nowhere/slides.key");
        own.file = sent;
    }

    void addPicture(const QString& name, const QSize& size, bool own,
                    TransferState state = TransferState::Done) {
        auto& message = add({}, own, true, name != u"first.png");
        const QString path = m_folder.filePath(name);
        if (size.isEmpty()) {
            QFile file(path);
            if (file.open(QIODevice::WriteOnly)) file.write("This is a text.");
        } else {
            drawn(size).save(path);
        }
        message.kind = MessageKind::File;
        TransferRecord file;
        file.name = name;
        file.path = path;
        file.size = static_cast<quint64>(QFileInfo(path).size());
        file.done = file.size / 2;
        file.state = state;
        file.incoming = !own;
        message.file = file;
        if (name.startsWith(u"liked")) message.reactions.push_back({QStringLiteral("❤️"), {PersonId{}}});
    }

    void addPictures() {
        addPicture(QStringLiteral("first.png"), {1600, 1200}, false);
        addPicture(QStringLiteral("own.jpg"), {1600, 900}, true);
        addPicture(QStringLiteral("portrait.png"), {900, 1600}, false);
        addPicture(QStringLiteral("wide.png"), {3000, 120}, true);
        addPicture(QStringLiteral("tall.png"), {60, 2000}, false);
        addPicture(QStringLiteral("tiny.png"), {16, 16}, true);
        addPicture(QStringLiteral("liked.png"), {400, 300}, false);
        addPicture(QStringLiteral("offered.png"), {640, 480}, true, TransferState::Offered);
        addPicture(QStringLiteral("running.png"), {640, 480}, true, TransferState::Running);
        addPicture(QStringLiteral("liked-offered.bmp"), {300, 400}, true, TransferState::Queued);
        addPicture(QStringLiteral("a text that is called.png"), {}, false);
        addPicture(QStringLiteral("withdrawn.png"), {640, 480}, true, TransferState::Cancelled);
    }

    std::vector<MessageRow> m_rows;
    QTemporaryDir m_folder;
};

}  // namespace landline::app::test
