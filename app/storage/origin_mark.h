#pragma once

#include <QByteArray>

namespace landline::app {

/// Where a file came from, as URLs that lead nowhere but in this program: whose it was, and with which message. No
/// address, no key that opens anything: the marks go along where the file is copied to.
struct Origin {
    QByteArray url;
    QByteArray referrer;
};

/// Marks an open file as having come from outside, by the attributes that browsers use (freedesktop.org, "Guidelines for
/// extended attributes"): user.xdg.origin.url and user.xdg.referrer.url. A disk that keeps no such marks is no reason to
/// lose the file. Nothing for an empty origin.
void markOrigin(int file, const Origin& origin);

}  // namespace landline::app
