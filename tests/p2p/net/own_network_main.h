#pragma once

#include "p2p/base/random.h"
#include "tests/support/own_network.h"

#include <QCoreApplication>
#include <QTest>

#include <cstdio>

namespace landline::test {

/// The main function of a Qt test with real sockets: runs it in a network of the process's own, or gives kSkipped where
/// the kernel does not allow one.
template <class Test>
int runInOwnNetwork(int argc, char** argv) {
    const std::string why = enterOwnNetwork();
    if (!why.empty()) {
        std::printf("skipped: the kernel does not allow a network of one's own here: %s\n", why.c_str());
        return kSkipped;
    }
    initCrypto();
    QCoreApplication app(argc, argv);
    Test test;
    return QTest::qExec(&test, argc, argv);
}

}  // namespace landline::test
