#pragma once

#include "p2p/net/link.h"

namespace landline::test {

/// Takes everything and gives nothing.
class DeafLink : public net::Link {
public:
    [[nodiscard]] std::size_t read(std::span<std::uint8_t>) override { return 0; }
    [[nodiscard]] std::size_t write(std::span<const ByteView> parts) override {
        std::size_t bytes = 0;
        for (const ByteView part : parts) bytes += part.size();
        return bytes;
    }
    void setReading(bool) override {}
    void abort() override {}
    [[nodiscard]] net::Candidate peer() const override { return {QHostAddress::LocalHost, 1}; }
    [[nodiscard]] QHostAddress localAddress() const override { return QHostAddress::LocalHost; }
};

}  // namespace landline::test
