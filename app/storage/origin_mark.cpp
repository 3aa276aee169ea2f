#include "app/storage/origin_mark.h"

#include <sys/xattr.h>

namespace landline::app {

void markOrigin(int file, const Origin& origin) {
    const auto set = [file](const char* name, const QByteArray& value) {
        if (!value.isEmpty())
            (void)::fsetxattr(file, name, value.constData(), static_cast<std::size_t>(value.size()), 0);
    };
    set("user.xdg.origin.url", origin.url);
    set("user.xdg.referrer.url", origin.referrer);
}

}  // namespace landline::app
