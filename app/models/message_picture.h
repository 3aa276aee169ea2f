#pragma once

#include "app/messenger/messenger_port.h"
#include "app/pictures/thumbnails.h"

namespace landline::app {

/// The file of a message, where it is here as a whole and says by its name that it is a picture: received, or one's
/// own and not withdrawn. Whether it is one its content tells; but since a press opens it as its name says, what is
/// called otherwise is never shown as a picture.
[[nodiscard]] std::optional<PictureRequest> pictureOf(const MessageRecord& message);

/// From now on what is deleted or withdrawn loses its picture, whichever conversation is open.
void forgetWithMessages(Thumbnails& pictures, const MessengerPort& port);

}  // namespace landline::app
