#include "app/views/first_run_page.h"

#include "app/views/plain_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QSvgRenderer>
#include <QVBoxLayout>

#ifdef Q_OS_UNIX
#include <pwd.h>
#include <unistd.h>
#endif

namespace landline::app {

namespace {

constexpr int kLogo = 104;
constexpr double kButtonText = 1.15;  // buttons here are as wide as the column

QPixmap logo(qreal ratio) {
    QPixmap pixmap(QSizeF(kLogo * ratio, kLogo * ratio).toSize());
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    QSvgRenderer(QStringLiteral(":/icons/landline.svg")).render(&painter);
    painter.end();
    pixmap.setDevicePixelRatio(ratio);
    return pixmap;
}

/// A column of limited width in the middle of `page`.
QVBoxLayout* middleColumn(QWidget* page) {
    auto* box = new QWidget(page);
    box->setMaximumWidth(380);
    auto* column = new QVBoxLayout(box);
    column->setSpacing(12);
    auto* line = new QHBoxLayout;
    line->addStretch(1);
    line->addWidget(box, 100);
    line->addStretch(1);
    auto* outer = new QVBoxLayout(page);
    outer->setContentsMargins(24, 24, 24, 24);
    outer->addStretch(2);
    outer->addLayout(line);
    outer->addStretch(3);
    return column;
}

}  // namespace

QString FirstRunPage::systemUserName() {
#ifdef Q_OS_UNIX
    if (const auto* entry = getpwuid(getuid())) {
        const QString full = QString::fromLocal8Bit(entry->pw_gecos).section(u',', 0, 0).trimmed();
        if (!full.isEmpty()) return full;
        return QString::fromLocal8Bit(entry->pw_name);
    }
#endif
    return qEnvironmentVariable("USERNAME");
}

FirstRunPage::FirstRunPage(Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    m_logo = new PlainLabel(this);
    m_logo->setAlignment(Qt::AlignCenter);
    m_title = new PlainLabel(tr("Welcome to Landline"), this);
    m_title->setAlignment(Qt::AlignCenter);
    auto* hint =
        new PlainLabel(tr("Talk and share files with the people on your network. No account, no server: "
                          "just say who you are."),
                       this);
    hint->setObjectName(QStringLiteral("hint"));
    hint->setWordWrap(true);
    hint->setAlignment(Qt::AlignCenter);
    m_name = new QLineEdit(systemUserName(), this);
    m_name->setPlaceholderText(tr("Your name"));
    m_name->setAccessibleName(tr("Your name"));
    m_name->setAlignment(Qt::AlignCenter);
    m_name->setMaxLength(64);
    m_problem = new PlainLabel(this);
    m_problem->setWordWrap(true);
    m_problem->setAlignment(Qt::AlignCenter);
    m_problem->hide();
    m_begin = new QPushButton(tr("Begin"), this);
    m_begin->setProperty("primary", true);
    m_begin->setDefault(true);
    auto* column = middleColumn(this);
    column->addWidget(m_logo);
    column->addSpacing(6);
    column->addWidget(m_title);
    column->addWidget(hint);
    column->addSpacing(8);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_name, m_problem, m_begin})
        column->addWidget(widget);
    const auto check = [this] { m_begin->setEnabled(!m_name->text().trimmed().isEmpty()); };
    connect(m_name, &QLineEdit::textChanged, this, check);
    connect(m_name, &QLineEdit::returnPressed, this, &FirstRunPage::give);
    connect(m_begin, &QPushButton::clicked, this, &FirstRunPage::give);
    connect(theme, &Theme::changed, this, &FirstRunPage::dress);
    setFocusProxy(m_name);
    m_name->selectAll();
    check();
    dress();
}

void FirstRunPage::dress() {
    m_begin->setFont(Theme::font(kButtonText));
    m_logo->setPixmap(logo(devicePixelRatioF()));
    m_title->setFont(Theme::font(1.6, QFont::DemiBold));
    m_name->setFont(Theme::font(kButtonText));
    QPalette palette = m_problem->palette();
    palette.setColor(QPalette::WindowText, m_theme->colors().danger);
    m_problem->setPalette(palette);
}

void FirstRunPage::give() {
    const QString name = m_name->text().trimmed();
    if (!name.isEmpty()) Q_EMIT nameGiven(name);
}

void FirstRunPage::showProblem(const QString& sentence) {
    m_problem->setText(sentence);
    m_problem->setVisible(!sentence.isEmpty());
}

ProblemPage::ProblemPage(Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    m_icon = new PlainLabel(this);
    m_icon->setAlignment(Qt::AlignCenter);
    auto* title = new PlainLabel(tr("Landline could not open your profile"), this);
    title->setFont(Theme::font(1.3, QFont::DemiBold));
    title->setWordWrap(true);
    title->setAlignment(Qt::AlignCenter);
    m_text = new PlainLabel(this);
    m_text->setWordWrap(true);
    m_text->setAlignment(Qt::AlignCenter);
    m_passphrase = new QLineEdit(this);
    m_passphrase->setEchoMode(QLineEdit::Password);
    m_passphrase->setPlaceholderText(tr("Passphrase"));
    m_passphrase->setAccessibleName(tr("Passphrase"));
    auto* retry = new QPushButton(tr("Try again"), this);
    retry->setProperty("primary", true);
    auto* quit = new QPushButton(tr("Quit"), this);
    for (auto* button : {retry, quit}) button->setFont(Theme::font(kButtonText));
    m_passphrase->setFont(Theme::font(kButtonText));
    auto* column = middleColumn(this);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_icon, title, m_text, m_passphrase, retry, quit})
        column->addWidget(widget);
    const auto again = [this] { Q_EMIT retryWanted(m_passphrase->text()); };
    connect(retry, &QPushButton::clicked, this, again);
    connect(m_passphrase, &QLineEdit::returnPressed, this, again);
    connect(quit, &QPushButton::clicked, this, &ProblemPage::quitWanted);
}

void ProblemPage::showProblem(const QString& sentence, bool askPassphrase) {
    m_icon->setPixmap(
        Theme::pixmap(QStringLiteral("warning"), m_theme->colors().danger, 56, devicePixelRatioF()));
    m_text->setText(sentence);
    m_passphrase->setVisible(askPassphrase);
    if (askPassphrase) m_passphrase->setFocus();
}

}  // namespace landline::app
