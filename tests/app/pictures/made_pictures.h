#pragma once

#include <QBuffer>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QtEndian>

namespace landline::app::test {

/// Files of every kind, good and bad, in a folder of their own.
class MadePictures {
public:
    /// The whole path of a file with this content.
    QString write(const QString& name, const QByteArray& content) {
        const QString path = m_folder.filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("no file for the test");
        return path;
    }
    QString path(const QString& name) const { return m_folder.filePath(name); }

    static QImage plain(const QSize& size, const QColor& colour) {
        QImage image(size, QImage::Format_RGB32);
        image.fill(colour);
        return image;
    }
    static QByteArray encoded(const QImage& image, const char* format) {
        QByteArray bytes;
        QBuffer buffer(&bytes);
        if (!buffer.open(QIODevice::WriteOnly) || !image.save(&buffer, format))
            qFatal("cannot write %s", format);
        return bytes;
    }

    static QByteArray bigEndian(quint32 value) {
        QByteArray bytes(4, '\0');
        qToBigEndian(value, bytes.data());
        return bytes;
    }
    static QByteArray pngChunk(const QByteArray& type, const QByteArray& content) {
        return bigEndian(static_cast<quint32>(content.size())) + type + content +
               bigEndian(crc(type + content));
    }
    /// Black and white, one bit per pixel, as the header says; the content is whatever is given.
    static QByteArray png(quint32 width, quint32 height, const QByteArray& compressed,
                          const QByteArray& before = {}) {
        const QByteArray header = bigEndian(width) + bigEndian(height) + QByteArray("\x01\0\0\0\0", 5);
        return QByteArray("\x89PNG\r\n\x1a\n", 8) + pngChunk("IHDR", header) + before +
               pngChunk("IDAT", compressed) + pngChunk("IEND", {});
    }
    /// As zlib writes it.
    static QByteArray deflated(const QByteArray& content) { return qCompress(content, 9).mid(4); }
    static QByteArray allBlack(int width, int height) {
        return deflated(QByteArray(static_cast<qsizetype>(height) * (1 + (width + 7) / 8), '\0'));
    }

    /// Two colours, two pixels in two colours, on a screen of this size.
    static QByteArray gif(quint16 width, quint16 height, quint16 frameWidth, quint16 frameHeight) {
        const auto le = [](quint16 value) {
            QByteArray bytes(2, '\0');
            qToLittleEndian(value, bytes.data());
            return bytes;
        };
        return "GIF89a" + le(width) + le(height) + QByteArray("\x80\0\0", 3) +
               QByteArray("\xff\0\0\0\0\xff", 6) + ',' + le(0) + le(0) + le(frameWidth) + le(frameHeight) +
               '\0' + QByteArray("\x02\x02\x44\x0a\0;", 6);
    }
    static QByteArray bmp(qint32 width, qint32 height) {
        QByteArray bytes("BM");
        const auto add = [&bytes](quint32 value) {
            QByteArray four(4, '\0');
            qToLittleEndian(value, four.data());
            bytes += four;
        };
        for (const quint32 value : {1000U, 0U, 54U, 40U, static_cast<quint32>(width),
                                    static_cast<quint32>(height), 0x00200001U, 0U, 0U, 0U, 0U, 0U, 0U})
            add(value);
        return bytes;
    }
    /// A JPEG that says by Exif that it is to be turned: 6 stands for a quarter to the right.
    static QByteArray turned(const QImage& image, char orientation) {
        QByteArray exif(
            "\xff\xe1\0\x22"
            "Exif\0\0"
            "MM\0*\0\0\0\x08"
            "\0\x01"
            "\x01\x12\0\x03\0\0\0\x01\0",
            29);
        exif += orientation;
        exif += QByteArray("\0\0\0\0\0\0", 36 - exif.size());
        return encoded(image, "jpeg").insert(2, exif);
    }

private:
    static quint32 crc(const QByteArray& bytes) {
        quint32 rest = 0xffffffff;
        for (const char byte : bytes) {
            rest ^= static_cast<quint8>(byte);
            for (int i = 0; i < 8; ++i) rest = rest & 1 ? rest >> 1 ^ 0xedb88320U : rest >> 1;
        }
        return ~rest;
    }

    QTemporaryDir m_folder;
};

}  // namespace landline::app::test
