#include "app/views/conversation_header.h"

#include "app/models/message_text.h"
#include "app/views/avatar.h"
#include "app/views/elided_label.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace landline::app {

namespace {
constexpr int kAvatar = 38;
}

ConversationHeader::ConversationHeader(Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setObjectName(QStringLiteral("conversationHeader"));
    setAttribute(Qt::WA_StyledBackground);
    m_back = new QToolButton(this);
    m_back->setAccessibleName(tr("Back to the list"));
    m_back->setToolTip(plainTip(m_back->accessibleName()));
    m_back->hide();
    m_avatar = new PlainLabel(this);
    m_name = new ElidedLabel(this);
    m_name->setObjectName(QStringLiteral("title"));
    m_presence = new ElidedLabel(this);
    m_presence->setObjectName(QStringLiteral("subtitle"));
    m_search = new QToolButton(this);
    m_search->setAccessibleName(tr("Search in this conversation"));
    m_search->setToolTip(tr("Search in this conversation (Ctrl+F)"));
    m_verify = new QToolButton(this);
    m_verify->setToolButtonStyle(Qt::ToolButtonIconOnly);
    m_more = new QToolButton(this);
    m_more->setAccessibleName(tr("More"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_menu = new QMenu(m_more);
    m_more->setMenu(m_menu);
    for (auto* button : {m_back, m_search, m_verify, m_more}) button->setIconSize(QSize(22, 22));

    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_name);
    words->addWidget(m_presence);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(10, 8, 8, 8);
    line->setSpacing(8);
    line->addWidget(m_back);
    line->addWidget(m_avatar);
    line->addSpacing(2);
    line->addLayout(words, 1);
    line->addWidget(m_search);
    line->addWidget(m_verify);
    line->addWidget(m_more);

    connect(m_back, &QToolButton::clicked, this, &ConversationHeader::backWanted);
    connect(m_search, &QToolButton::clicked, this, &ConversationHeader::searchWanted);
    connect(m_verify, &QToolButton::clicked, this, &ConversationHeader::verifyWanted);
    connect(m_menu, &QMenu::aboutToShow, this, &ConversationHeader::fillMenu);
    connect(theme, &Theme::changed, this, &ConversationHeader::dress);
    dress();
}

void ConversationHeader::setBackButton(bool shown) {
    m_back->setVisible(shown);
}

void ConversationHeader::showPerson(const PersonView& person) {
    m_person = person;
    m_name->setText(displayName(person));
    m_presence->setText(presenceText(person, QDateTime::currentDateTime()));
    m_presence->setToolTip(plainTip(person.path == Path::Relay
                                        ? tr("Messages go through a relay. Files need a direct connection")
                                        : person.address));
    const bool live = person.typing || person.online;
    if (m_presence->property("live").toBool() != live) {
        m_presence->setProperty("live", live);
        m_presence->style()->unpolish(m_presence);
        m_presence->style()->polish(m_presence);
    }
    dress();
}

void ConversationHeader::dress() {
    const auto& c = m_theme->colors();
    m_name->setFont(Theme::font(1.08, QFont::DemiBold));
    m_presence->setFont(Theme::font(0.92));
    m_back->setIcon(m_theme->icon(QStringLiteral("back")));
    m_search->setIcon(m_theme->icon(QStringLiteral("search")));
    m_more->setIcon(m_theme->icon(QStringLiteral("more")));
    const bool verified = m_person.record.verified;
    m_verify->setIcon(m_theme->icon(verified ? QStringLiteral("verified") : QStringLiteral("shield"),
                                    verified ? c.accent : c.dim));
    m_verify->setAccessibleName(verified ? tr("Verified: show the safety number") : tr("Verify this person"));
    m_verify->setToolTip(plainTip(m_verify->accessibleName()));
    const qreal ratio = devicePixelRatioF();
    QPixmap pixmap(QSizeF(kAvatar * ratio, kAvatar * ratio).toSize());
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintAvatar(painter, QRectF(0, 0, kAvatar, kAvatar), m_person.record.id.view(), displayName(m_person));
    painter.end();
    m_avatar->setPixmap(pixmap);
}

void ConversationHeader::fillMenu() {
    using timeline::Standing;
    m_menu->clear();
    m_menu->addAction(m_theme->icon(QStringLiteral("shield")), tr("Safety number…"), this,
                      &ConversationHeader::verifyWanted);
    const auto standing = m_person.record.standing;
    if (standing == Standing::Accepted)
        m_menu->addAction(m_theme->icon(QStringLiteral("download")), tr("Accept files without asking…"), this,
                          &ConversationHeader::filesWanted);
    const auto offer = [this](const QString& icon, const QString& text, Standing wanted) {
        m_menu->addAction(m_theme->icon(icon), text, this, [this, wanted] { Q_EMIT standingWanted(wanted); });
    };
    if (standing == Standing::Stranger || standing == Standing::Ignored)
        offer(QStringLiteral("check"), tr("Accept"), Standing::Accepted);
    if (standing == Standing::Stranger) offer(QStringLiteral("bell"), tr("Ignore"), Standing::Ignored);
    if (standing == Standing::Blocked)
        offer(QStringLiteral("check"), tr("Unblock"), Standing::Accepted);
    else
        offer(QStringLiteral("block"), tr("Block"), Standing::Blocked);
    m_menu->addSeparator();
    m_menu->addAction(m_theme->icon(QStringLiteral("close")), tr("Close conversation"), this,
                      &ConversationHeader::closeWanted);
}

}  // namespace landline::app
