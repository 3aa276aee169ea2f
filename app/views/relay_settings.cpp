#include "app/views/relay_settings.h"

#include "app/messenger/relay_text.h"
#include "app/models/message_text.h"
#include "app/views/elided_label.h"
#include "app/views/people_dialog.h"
#include "app/views/switch.h"
#include "app/views/text_dialog.h"
#include "p2p/identity/relay_url.h"

#include <QCheckBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace landline::app {

namespace {

constexpr int kDot = 8;
constexpr int kListHeight = 110;
constexpr int kRoomy = 560;  // a dialog that shows several relays and what is wrong with them
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(1);

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

bool isListed(const RelayView& relay) {
    return relay.listing == Listing::Asked || relay.listing == Listing::Listed;
}

/// For how a label is drawn, which its sheet asks for.
void setFailed(QWidget* label, bool isFailed) {
    if (label->property("failed").toBool() == isFailed) return;
    label->setProperty("failed", isFailed);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

}  // namespace

/// One relay, for as long as it is in use: what somebody presses, or has selected in it, outlives news.
class RelaySettings::Row final : public QWidget {
public:
    Row(RelaySettings* settings, QWidget* page) : QWidget(page), m_theme(settings->m_theme) {
        m_mark = new PlainLabel(this);
        m_name = new ElidedLabel(this);
        m_state = hint({}, this);
        m_why = hint({}, this);
        m_why->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_listed = new Switch(m_theme, RelaySettings::tr("People at this relay can find me"), this);
        m_listed->setToolTip(plainTip(RelaySettings::tr(
            "Everybody with an account there sees your name, and a link with which they can write to you by this relay.")));
        m_people = new QPushButton(RelaySettings::tr("People…"), this);
        m_people->setToolTip(RelaySettings::tr("Who wants to be found there"));
        m_people->setAutoDefault(false);
        m_remove = new QToolButton(this);
        m_remove->setToolTip(RelaySettings::tr("Remove"));
        auto* words = new QVBoxLayout;
        words->setSpacing(2);
        for (QLabel* label : std::initializer_list<QLabel*>{m_name, m_state, m_why}) words->addWidget(label);
        words->addWidget(m_listed);
        words->addWidget(m_people, 0, Qt::AlignLeft);
        auto* line = new QHBoxLayout(this);
        line->setContentsMargins(0, 0, 0, 0);
        line->setSpacing(10);
        line->addWidget(m_mark, 0, Qt::AlignTop);
        line->addLayout(words, 1);
        line->addWidget(m_remove, 0, Qt::AlignTop);
        m_mark->setContentsMargins(0, (m_name->sizeHint().height() - kDot) / 2, 0, 0);
        connect(m_remove, &QToolButton::clicked, settings,
                [this, settings] { settings->askToRemove(m_relay); });
        connect(m_people, &QPushButton::clicked, settings, [this, settings] {
            (new PeopleDialog(m_theme, settings->m_models, m_relay, settings->window()))->open();
        });
        connect(m_listed, &QCheckBox::clicked, settings, [this, settings](bool isOn) {
            settings->m_models->relays.setListed(m_relay.key, isOn);
        });
    }

    void showRelay(const RelayView& relay, qint64 now) {
        m_relay = relay;
        m_mark->setPixmap(dot(colourOf(m_theme->colors(), relay.state), devicePixelRatioF()));
        m_name->setText(relay.address);
        m_name->setToolTip(plainTip(relay.url));
        m_state->setText(relayStateText(relay, now));
        const QString trouble = relayTrouble(relay);
        m_why->setText(trouble);
        m_why->setVisible(!trouble.isEmpty());
        setFailed(m_why, relay.state != RelayState::Waiting);
        // Also where there is none any more: to take back what was wished.
        m_listed->setVisible(relay.hasDirectory || isListed(relay));
        m_listed->setChecked(isListed(relay));
        m_people->setVisible(relay.hasDirectory && relay.state == RelayState::Connected);
        m_people->setAccessibleName(RelaySettings::tr("People at %1").arg(relay.address));
        m_remove->setIcon(m_theme->icon(QStringLiteral("trash")));
        m_remove->setAccessibleName(RelaySettings::tr("Remove %1").arg(relay.address));
    }

private:
    const Theme* m_theme;
    RelayView m_relay;
    QLabel* m_mark;
    ElidedLabel* m_name;
    QLabel* m_state;
    QLabel* m_why;
    QCheckBox* m_listed;
    QPushButton* m_people;
    QToolButton* m_remove;
};

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
    m_triedAgain.setSingleShot(true);
    connect(&m_triedAgain, &QTimer::timeout, this, &RelaySettings::showRelays);
    connect(theme, &Theme::changed, this, &RelaySettings::showRelays);
    connect(&relays, &RelayList::changed, this, &RelaySettings::showRelays);
    connect(&relays, &RelayList::added, this, &RelaySettings::clearAdded);
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
    m_none = hint(tr("None yet. Without one, messages wait here until you are connected."), page);
    m_rows->addWidget(m_none);
    m_rows->addStretch(1);
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
    m_asked = m_field->text().trimmed();
    m_models->relays.add(m_asked);
}

/// Links add relays too, and what is being typed is not theirs.
void RelaySettings::clearAdded(const RelayView& relay) {
    if (m_asked.isEmpty() || m_field->text().trimmed() != m_asked) return;
    const auto asked = identity::parseRelayUrl(m_asked.toStdString());
    if (asked && asked->key == relay.key) m_field->clear();
}

QString RelaySettings::refusal() const {
    return m_refusal->isHidden() ? QString() : m_refusal->text();
}

void RelaySettings::showRefusal(const QString& sentence) {
    m_refusal->setText(sentence);
    m_refusal->show();
}

void RelaySettings::showRelays() {
    const auto& relays = m_models->relays.relays();
    auto rows = std::exchange(m_rowOf, {});
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    int place = 0;
    for (const RelayView& relay : relays) {
        const auto known = rows.extract(relay.key);
        Row* const row = known ? known.mapped() : new Row(this, m_none->parentWidget());
        m_rowOf[relay.key] = row;
        if (m_rows->indexOf(row) != place) m_rows->insertWidget(place, row);
        row->showRelay(relay, now);
        ++place;
    }
    // Not at once: this may come of a press on one of them.
    for (const auto& [key, row] : rows) {
        row->hide();
        row->deleteLater();
    }
    m_none->setVisible(relays.empty());
    waitForTheNextTry(now);
    if (relays.size() > 2 && isVisible() && window()->height() < kRoomy)
        window()->resize(window()->width(), kRoomy);
}

/// That it is tried now is not told, but the time of it is over.
void RelaySettings::waitForTheNextTry(qint64 now) {
    std::chrono::milliseconds wait = kLongestWait;
    bool isAny = false;
    for (const RelayView& relay : m_models->relays.relays()) {
        if (relay.state != RelayState::Waiting || relay.again <= now) continue;
        wait = std::min(wait, std::chrono::milliseconds(relay.again - now));
        isAny = true;
    }
    if (isAny)
        m_triedAgain.start(wait);
    else
        m_triedAgain.stop();
}

void RelaySettings::askToRemove(const RelayView& relay) {
    auto* dialog = new ConfirmDialog(
        tr("Remove this relay?"),
        tr("Your contacts are told, and nobody can leave messages for you at %1 any more. What waits there is "
           "fetched once more, as soon as it can be reached while Landline runs, within 30 days.")
            .arg(relay.address),
        tr("Remove"), true, window());
    connect(dialog, &QDialog::accepted, this, [this, key = relay.key] { m_models->relays.remove(key); });
    dialog->open();
}

}  // namespace landline::app
