#pragma once

#include "app/views/composer.h"
#include "app/views/conversation_pane.h"
#include "app/views/main_window.h"
#include "app/views/message_view.h"
#include "app/views/sidebar.h"
#include "tests/app/models/filled_profile.h"

#include <QApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

namespace landline::app::test {

constexpr int kPatience = 10000;

/// The window with a real messenger behind it, driven by key and mouse events: a test derives from it.
class FilledWindow : public QObject {
    Q_OBJECT

protected Q_SLOTS:
    void init() {
        m_profile = std::make_unique<FilledProfile>();
        m_grace = &m_profile->meet("Grace Hopper");
        m_mallory = &m_profile->meet("Mallory", timeline::Standing::Stranger);
        const qint64 then = QDateTime(QDate(2026, 3, 20), QTime(12, 0)).toMSecsSinceEpoch();
        for (int i = 1; i <= 300; ++i)
            m_profile->theirs(*m_grace, then + i * 70'000, "message " + std::to_string(i));
        if (m_offer) {
            TransferRecord offer;
            offer.name = QStringLiteral("plan.pdf");
            offer.size = 40'000'000;
            offer.incoming = true;
            m_profile->transfer(*m_grace, then + 301 * 70'000, offer);
        }
        if (m_usesRelay) m_profile->useRelay();
        m_profile->markRead(*m_grace);
        m_profile->theirs(*m_mallory, then, "may I?");
        auto& runtime = m_profile->open();
        m_theme = std::make_unique<Theme>();
        m_theme->apply(*qobject_cast<QApplication*>(QCoreApplication::instance()));
        m_models =
            std::make_unique<AppModels>(runtime.port(), m_profile->folder() + QStringLiteral("/outbox"));
        m_window = std::make_unique<MainWindow>(m_theme.get());
        m_window->attach(m_models.get());
        m_models->self.reload();
        m_models->sidebar.reload();
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_models->sidebar.isLoaded(), kPatience);
    }
    void cleanup() {
        m_profile->close();
        m_window.reset();
        m_models.reset();
        m_theme.reset();
        m_profile.reset();
    }

protected:
    /// Before a character of a row's text, in the viewport.
    QPoint placeInText(int row, int character) {
        auto* view = m_window->conversation()->view();
        const QRect rect = view->visualRect(m_models->messages.index(row));
        const auto& layout = view->messageDelegate()->layout(*m_models->messages.row(row), rect.width());
        const auto line = layout.text->lineForTextPosition(character);
        return rect.topLeft() + layout.textAt +
               QPointF(line.cursorToX(character), line.y() + line.height() / 2).toPoint();
    }
    /// How many pixels of the conversation have exactly this colour.
    int pixelsOf(const QColor& colour) {
        const QImage image = m_window->conversation()->view()->viewport()->grab().toImage().convertToFormat(
            QImage::Format_RGB32);
        int count = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x) count += image.pixel(x, y) == colour.rgb();
        return count;
    }
    const MessageRow* lastRow() { return m_models->messages.row(m_models->messages.rowCount() - 1); }
    void openGrace() {
        QSignalSpy opened(&m_models->messages, &MessageListModel::opened);
        m_window->openConversation(m_grace->id());
        QVERIFY(opened.wait(kPatience));
    }
    ComposerText* field() { return m_window->conversation()->composer()->field(); }
    QString lastText() {
        const int count = m_models->messages.rowCount();
        return count == 0 ? QString() : m_models->messages.row(count - 1)->message.text;
    }
    QStringList storedTexts() {
        HistoryQuery query;
        query.conversation = m_profile->conversationWith(*m_grace);
        query.limit = 10000;
        QStringList texts;
        bool done = false;
        m_models->port.call(
            this, [query](Messenger& messenger) { return messenger.history(query); },
            [&](const std::vector<MessageRecord>& messages) {
                for (const auto& message : messages) texts.append(message.text);
                done = true;
            });
        if (!QTest::qWaitFor([&done] { return done; }, kPatience))
            QTest::qFail("no answer", __FILE__, __LINE__);
        return texts;
    }
    QStringList visibleTexts() {
        auto* view = m_window->conversation()->view();
        QStringList texts;
        for (int i = 0; i < m_models->messages.rowCount(); ++i)
            if (view->viewport()->rect().contains(view->visualRect(m_models->messages.index(i))))
                texts.append(m_models->messages.row(i)->message.text);
        return texts;
    }
    QPushButton* visibleButton(const QString& text) {
        for (auto* button : m_window->findChildren<QPushButton*>())
            if (button->isVisible() && button->text() == text) return button;
        return nullptr;
    }

    bool m_offer = false;  ///< the conversation with Grace ends with an offer of hers
    bool m_usesRelay = false;
    std::unique_ptr<FilledProfile> m_profile;
    Somebody* m_grace = nullptr;
    Somebody* m_mallory = nullptr;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<AppModels> m_models;
    std::unique_ptr<MainWindow> m_window;
};

}  // namespace landline::app::test
