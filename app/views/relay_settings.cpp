#include "app/views/relay_settings.h"

#include "app/messenger/relay_text.h"
#include "app/models/message_text.h"
#include "app/views/elided_label.h"
#include "app/views/text_dialog.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

namespace landline::app {

namespace {

constexpr int kDot = 8;
constexpr int kListHeight = 110;
constexpr int kRoomy = 560;  // a dialog that shows several relays and what is wrong with them

QLabel* hint(const QString& text, QWidget* parent) {
    auto* label = new PlainLabel(text, parent);
    label->setObjectName(QStringLiteral("hint"));
    label->setWordWrap(true);
    return label;
}

QColor colourOf(const Colors& colours, RelayState state) {
    switch (state) {
        case RelayState::Connected:
            return colours.online;
        case RelayState::Connecting:
        case RelayState::Waiting:
            return colours.away;
        case RelayState::ShutOut:
        case RelayState::WrongKey:
            return colours.danger;
    }
    return colours.away;
}

QPixmap dot(const QColor& colour, qreal ratio) {
    QPixmap pixmap(QSizeF(kDot * ratio, kDot * ratio).toSize());
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawEllipse(QRectF(0, 0, kDot, kDot));
    return pixmap;
}

}  // namespace

QString relayStateText(const RelayView& relay, qint64 now) {
    switch (relay.state) {
        case RelayState::Connected:
            if (relay.quota == 0) return RelaySettings::tr("Connected");
            return RelaySettings::tr("Connected · %1 of %2 in use")
                .arg(byteText(relay.used), byteText(relay.quota));
        case RelayState::Connecting:
            return RelaySettings::tr("Connecting…");
        case RelayState::Waiting:
            if (relay.again <= now) return RelaySettings::tr("Not connected");
            return RelaySettings::tr("Not connected · next try at %1").arg(clockTime(relay.again));
        case RelayState::ShutOut:
            return RelaySettings::tr("Does not let you in");
        case RelayState::WrongKey:
            return RelaySettings::tr("Another relay answers");
    }
    return {};
}

RelaySettings::RelaySettings(const Theme* theme, AppModels* models, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_models(models) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    column->addWidget(
        hint(tr("A relay keeps messages for people who are away, sealed so that it cannot read them. "
                "Whoever runs one gives you its address."),
             this));
    column->addWidget(makeList(), 1);
    column->addLayout(makeField());
    m_refusal = hint({}, this);
    m_refusal->setProperty("failed", true);
    m_refusal->hide();
    column->addWidget(m_refusal);
    const auto& relays = models->relays;
    connect(&relays, &RelayList::changed, this, &RelaySettings::showRelays);
    connect(&relays, &RelayList::added, this, [this] { m_field->clear(); });
    connect(&relays, &RelayList::refused, this, &RelaySettings::showRefusal);
    connect(&relays, &RelayList::failed, this, &RelaySettings::showRefusal);
    showRelays();
    models->relays.reload();
}

QWidget* RelaySettings::makeList() {
    auto* area = new QScrollArea(this);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setMinimumHeight(kListHeight);
    area->setFocusPolicy(Qt::NoFocus);
    auto* page = new QWidget(area);
    m_rows = new QVBoxLayout(page);
    m_rows->setContentsMargins(0, 0, 6, 0);
    m_rows->setSpacing(12);
    area->setWidget(page);
    return area;
}

QLayout* RelaySettings::makeField() {
    m_field = new QLineEdit(this);
    m_field->setPlaceholderText(QStringLiteral("landline://…"));
    m_field->setAccessibleName(tr("Address of a relay"));
    m_add = new QPushButton(tr("Add"), this);
    m_add->setAutoDefault(false);
    m_add->setEnabled(false);
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_field, 1);
    line->addWidget(m_add);
    connect(m_field, &QLineEdit::textChanged, this, [this] {
        const bool any = !m_field->text().trimmed().isEmpty();
        m_add->setEnabled(any);
        m_add->setDefault(any);  // so that Enter adds instead of closing the dialog
        m_refusal->hide();
    });
    connect(m_add, &QPushButton::clicked, this, &RelaySettings::add);
    return line;
}

void RelaySettings::add() {
    m_refusal->hide();
    m_models->relays.add(m_field->text().trimmed());
}

QString RelaySettings::refusal() const {
    return m_refusal->isHidden() ? QString() : m_refusal->text();
}

void RelaySettings::showRefusal(const QString& sentence) {
    m_refusal->setText(sentence);
    m_refusal->show();
}

void RelaySettings::showRelays() {
    while (auto* const item = m_rows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const auto& relays = m_models->relays.relays();
    for (const RelayView& relay : relays) m_rows->addWidget(makeRow(relay));
    if (relays.empty())
        m_rows->addWidget(
            hint(tr("None yet. Without one, messages wait here until you are connected."), this));
    m_rows->addStretch(1);
    if (relays.size() > 2 && isVisible() && window()->height() < kRoomy)
        window()->resize(window()->width(), kRoomy);
}

QWidget* RelaySettings::makeRow(const RelayView& relay) {
    auto* row = new QWidget(this);
    auto* mark = new PlainLabel(row);
    mark->setPixmap(dot(colourOf(m_theme->colors(), relay.state), devicePixelRatioF()));
    auto* name = new ElidedLabel(row);
    name->setText(relay.address);
    name->setToolTip(plainTip(relay.url));
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(name);
    words->addWidget(hint(relayStateText(relay, QDateTime::currentMSecsSinceEpoch()), row));
    if (const QString trouble = relayTrouble(relay); !trouble.isEmpty()) {
        auto* why = hint(trouble, row);
        why->setProperty("failed", relay.state != RelayState::Waiting);
        why->setTextInteractionFlags(Qt::TextSelectableByMouse);
        words->addWidget(why);
    }
    auto* remove = new QToolButton(row);
    remove->setIcon(m_theme->icon(QStringLiteral("trash")));
    remove->setAccessibleName(tr("Remove %1").arg(relay.address));
    remove->setToolTip(tr("Remove"));
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(10);
    line->addWidget(mark, 0, Qt::AlignTop);
    line->addLayout(words, 1);
    line->addWidget(remove, 0, Qt::AlignTop);
    mark->setContentsMargins(0, (name->sizeHint().height() - kDot) / 2, 0, 0);
    connect(remove, &QToolButton::clicked, this, [this, relay] { askToRemove(relay); });
    return row;
}

void RelaySettings::askToRemove(const RelayView& relay) {
    auto* dialog = new ConfirmDialog(
        tr("Remove this relay?"),
        tr("Nobody can leave messages for you at %1 any more. What waits there now comes once you "
           "and whoever sent it are connected.")
            .arg(relay.address),
        tr("Remove"), true, window());
    connect(dialog, &QDialog::accepted, this, [this, key = relay.key] { m_models->relays.remove(key); });
    dialog->open();
}

}  // namespace landline::app
