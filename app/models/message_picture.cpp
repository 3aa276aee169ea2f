#include "app/models/message_picture.h"

#include <QFileInfo>

namespace landline::app {

namespace {

bool isHereWhole(const TransferRecord& file) {
    switch (file.state) {
        case TransferState::Done:
            return true;
        case TransferState::Offered:
        case TransferState::Queued:
        case TransferState::Running:
        case TransferState::Paused:
            return !file.incoming;
        case TransferState::Failed:
        case TransferState::Cancelled:
            return false;
    }
    return false;
}

bool isCalledPicture(const QString& path) {
    static const QStringList kSuffixes{QStringLiteral("png"),  QStringLiteral("jpg"), QStringLiteral("jpeg"),
                                       QStringLiteral("jpe"),  QStringLiteral("gif"), QStringLiteral("bmp"),
                                       QStringLiteral("webp"), QStringLiteral("jfif")};
    return kSuffixes.contains(QFileInfo(path).suffix(), Qt::CaseInsensitive);
}

}  // namespace

std::optional<PictureRequest> pictureOf(const MessageRecord& message) {
    if (message.kind != MessageKind::File || message.deleted || !message.file) return std::nullopt;
    const auto& file = *message.file;
    const bool fair = file.size > 0 && file.size <= picture_limits::kFileBytes;
    if (!fair || file.path.isEmpty() || !isHereWhole(file) || !isCalledPicture(file.path))
        return std::nullopt;
    return PictureRequest{message.ref, file.path, file.size};
}

void forgetWithMessages(Thumbnails& pictures, const MessengerPort& port) {
    QObject::connect(port.messenger(), &Messenger::messageChanged, &pictures,
                     [&pictures](const MessageRecord& message) {
                         const bool mayHaveOne = message.kind == MessageKind::File || message.deleted;
                         if (mayHaveOne && !pictureOf(message)) pictures.forget(message.ref);
                     });
}

}  // namespace landline::app
