#include "p2p/base/random.h"
#include "tests/sim/message_sim.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace {

constexpr const char* kUsage =
    "usage: message_sim [--seeds FIRST..LAST] [--seed N] [--trace] [--stop]\n"
    "Plays the message simulation for each seed (default 1..200) and prints those that fail; with --stop, "
    "the first one.\n";

struct Options {
    std::uint64_t first = 1;
    std::uint64_t last = 200;
    bool trace = false;
    bool stop = false;
    bool valid = true;
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        const std::string value = i + 1 < argc ? argv[i + 1] : "";
        if (argument == "--trace") {
            options.trace = true;
        } else if (argument == "--stop") {
            options.stop = true;
        } else if (argument == "--seed" && !value.empty()) {
            options.first = options.last = std::strtoull(argv[++i], nullptr, 10);
        } else if (const auto dots = value.find(".."); argument == "--seeds" && dots != std::string::npos) {
            options.first = std::strtoull(value.c_str(), nullptr, 10);
            options.last = std::strtoull(value.c_str() + dots + 2, nullptr, 10);
            ++i;
        } else {
            options.valid = false;
        }
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    if (!options.valid) {
        std::cerr << kUsage;
        return 2;
    }
    landline::initCrypto();
    const auto begin = std::chrono::steady_clock::now();
    std::uint64_t failed = 0;
    for (std::uint64_t seed = options.first; seed <= options.last; ++seed) {
        const auto faults = landline::sim::playMessages(seed, options.trace ? &std::cout : nullptr);
        if (faults.empty()) continue;
        ++failed;
        std::cout << "seed " << seed << " fails; replay: message_sim --seed " << seed << " --trace\n";
        for (const std::string& fault : faults) std::cout << "    " << fault << '\n';
        std::cout.flush();
        if (options.stop) return 1;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << options.last - options.first + 1 << " seeds, " << failed << " failed, " << took.count()
              << " s\n";
    return failed == 0 ? 0 : 1;
}
