#include "p2p/base/random.h"
#include "tests/sim/message_sim.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string_view>

namespace {

constexpr const char* kUsage =
    "usage: message_sim [--seeds FIRST..LAST] [--seed N] [--relays] [--trace] [--stop] [--twice]\n"
    "Plays the message simulation for each seed (default 1..200) and prints those that fail; with --stop, "
    "the first one. With --relays there are relays as well. With --twice a seed also fails if it does not "
    "play the same way again.\n";

struct Options {
    std::uint64_t first = 1;
    std::uint64_t last = 200;
    bool relays = false;
    bool trace = false;
    bool stop = false;
    bool twice = false;
    bool valid = true;
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        const std::string value = i + 1 < argc ? argv[i + 1] : "";
        if (argument == "--trace") {
            options.trace = true;
        } else if (argument == "--relays") {
            options.relays = true;
        } else if (argument == "--stop") {
            options.stop = true;
        } else if (argument == "--twice") {
            options.twice = true;
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

std::vector<std::string> play(std::uint64_t seed, const Options& options) {
    const auto playOnce = options.relays ? landline::sim::playMixed : landline::sim::playMessages;
    if (!options.twice) return playOnce(seed, options.trace ? &std::cout : nullptr);
    std::ostringstream first;
    std::ostringstream second;
    auto faults = playOnce(seed, &first);
    (void)playOnce(seed, &second);
    if (first.str() != second.str()) faults.emplace_back("it plays another way the second time");
    return faults;
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
        const auto faults = play(seed, options);
        if (faults.empty()) continue;
        ++failed;
        std::cout << "seed " << seed << " fails; replay: message_sim " << (options.relays ? "--relays " : "")
                  << "--seed " << seed << " --trace\n";
        for (const std::string& fault : faults) std::cout << "    " << fault << '\n';
        std::cout.flush();
        if (options.stop) return 1;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << options.last - options.first + 1 << " seeds, " << failed << " failed, " << took.count()
              << " s\n";
    return failed == 0 ? 0 : 1;
}
