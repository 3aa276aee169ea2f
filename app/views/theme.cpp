#include "app/views/theme.h"

#include <QApplication>
#include <QFile>
#include <QPainter>
#include <QPixmapCache>
#include <QStyleFactory>
#include <QSvgRenderer>

namespace landline::app {

namespace {

QColor hex(const char* code) {
    return QColor(QLatin1String(code));
}

Colors lightColors() {
    Colors c;
    c.window = hex("#ffffff");
    c.sidebar = hex("#ffffff");
    c.sidebarHover = hex("#f2f5f7");
    c.sidebarChosen = hex("#dff0f0");
    c.line = hex("#e3e8ec");
    c.chat = hex("#edf1f4");
    c.field = hex("#f1f4f6");
    c.text = hex("#17212b");
    c.dim = hex("#65737f");
    c.faint = hex("#7a8894");
    c.accent = hex("#0c7d86");
    c.onAccent = hex("#ffffff");
    c.link = hex("#0b6a9c");
    c.ownBubble = hex("#d3efeb");
    c.ownText = hex("#10302f");
    c.ownDim = hex("#4b7874");
    c.ownAccent = hex("#087f7c");
    c.otherBubble = hex("#ffffff");
    c.mark = hex("#ffdf7e");
    c.selected = hex("#bfe0e6");
    c.ownSelected = hex("#9bd3cd");
    c.dayLine = QColor(90, 110, 125, 36);
    c.dayText = hex("#51616d");
    c.unreadLine = hex("#dce9eb");
    c.badge = hex("#0c8a8f");
    c.badgeQuiet = hex("#a7b3bc");
    c.online = hex("#25b36a");
    c.away = hex("#e3a21a");
    c.busy = hex("#dd4b4b");
    c.danger = hex("#b3261e");
    c.dangerBack = hex("#fde9e7");
    c.notice = hex("#e9f3f4");
    c.pictureShade = QColor(0, 0, 0, 125);
    return c;
}

Colors darkColors() {
    Colors c;
    c.window = hex("#1a1f25");
    c.sidebar = hex("#1a1f25");
    c.sidebarHover = hex("#222931");
    c.sidebarChosen = hex("#24424a");
    c.line = hex("#2a323a");
    c.chat = hex("#12161a");
    c.field = hex("#252c34");
    c.text = hex("#e8edf1");
    c.dim = hex("#98a5b0");
    c.faint = hex("#7d8b97");
    c.accent = hex("#3fc1bb");
    c.onAccent = hex("#062422");
    c.link = hex("#6cc3ee");
    c.ownBubble = hex("#1d4f53");
    c.ownText = hex("#e9f6f5");
    c.ownDim = hex("#9cc7c5");
    c.ownAccent = hex("#63dcd3");
    c.otherBubble = hex("#232a32");
    c.mark = hex("#7a6212");
    c.selected = hex("#34596a");
    c.ownSelected = hex("#3d8286");
    c.dayLine = QColor(190, 205, 215, 30);
    c.dayText = hex("#b6c2cb");
    c.unreadLine = hex("#1c2b30");
    c.badge = hex("#1f8d8a");
    c.badgeQuiet = hex("#566470");
    c.online = hex("#3ccb7f");
    c.away = hex("#e9b44c");
    c.busy = hex("#ef6b6b");
    c.danger = hex("#ff8a80");
    c.dangerBack = hex("#43241f");
    c.notice = hex("#1d2d32");
    c.pictureShade = QColor(0, 0, 0, 125);
    return c;
}

}  // namespace

Theme::Theme(QObject* parent) : QObject(parent), m_colors(lightColors()) {}

void Theme::setDark(bool dark) {
    if (dark == m_dark) return;
    m_dark = dark;
    m_colors = dark ? darkColors() : lightColors();
    if (qApp) apply(*qobject_cast<QApplication*>(QCoreApplication::instance()));
    Q_EMIT changed();
}

void Theme::apply(QApplication& application) {
    application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(palette());
    application.setStyleSheet(styleSheet());
}

QFont Theme::font(double scale, QFont::Weight weight) {
    QFont font = QApplication::font();
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * scale);
    else
        font.setPixelSize(qRound(font.pixelSize() * scale));
    font.setWeight(weight);
    return font;
}

QPixmap Theme::pixmap(const QString& name, const QColor& color, int size, qreal ratio) {
    const QString key =
        QStringLiteral("landline:%1:%2:%3:%4").arg(name, color.name(QColor::HexArgb)).arg(size).arg(ratio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) return pixmap;
    pixmap = QPixmap(QSizeF(size * ratio, size * ratio).toSize());
    pixmap.fill(Qt::transparent);
    QSvgRenderer renderer(QStringLiteral(":/icons/%1.svg").arg(name));
    QPainter painter(&pixmap);
    renderer.render(&painter);
    painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
    painter.fillRect(pixmap.rect(), color);
    painter.end();
    pixmap.setDevicePixelRatio(ratio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

QIcon Theme::icon(const QString& name, const QColor& color) const {
    QIcon icon;
    for (const int size : {16, 20, 24, 48}) icon.addPixmap(pixmap(name, color, size, 1.0));
    return icon;
}

QPalette Theme::palette() const {
    const auto& c = m_colors;
    QPalette palette;
    palette.setColor(QPalette::Window, c.window);
    palette.setColor(QPalette::WindowText, c.text);
    palette.setColor(QPalette::Base, c.window);
    palette.setColor(QPalette::AlternateBase, c.field);
    palette.setColor(QPalette::ToolTipBase, c.field);
    palette.setColor(QPalette::ToolTipText, c.text);
    palette.setColor(QPalette::PlaceholderText, c.faint);
    palette.setColor(QPalette::Text, c.text);
    palette.setColor(QPalette::Button, m_dark ? c.field : c.window);
    palette.setColor(QPalette::ButtonText, c.text);
    palette.setColor(QPalette::BrightText, c.danger);
    palette.setColor(QPalette::Highlight, c.accent);
    palette.setColor(QPalette::HighlightedText, c.onAccent);
    palette.setColor(QPalette::Link, c.link);
    palette.setColor(QPalette::LinkVisited, c.link);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, c.faint);
    return palette;
}

QString Theme::styleSheet() const {
    QFile file(QStringLiteral(":/style/landline.qss"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    QString sheet = QString::fromUtf8(file.readAll());
    const auto& c = m_colors;
    const std::pair<const char*, QColor> names[] = {
        {"@window", c.window},
        {"@sidebarHover", c.sidebarHover},
        {"@sidebar", c.sidebar},
        {"@line", c.line},
        {"@chat", c.chat},
        {"@field", c.field},
        {"@text", c.text},
        {"@dim", c.dim},
        {"@faint", c.faint},
        {"@accent", c.accent},
        {"@onAccent", c.onAccent},
        {"@dangerBack", c.dangerBack},
        {"@danger", c.danger},
        {"@notice", c.notice},
        {"@chosen", c.sidebarChosen},
        {"@handle", c.badgeQuiet},
    };
    for (const auto& [name, color] : names)
        sheet.replace(QString(QLatin1String(name) + u';'), QString(color.name() + u';'));
    return sheet;
}

}  // namespace landline::app
