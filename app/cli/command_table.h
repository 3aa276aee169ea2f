#pragma once

#include <QLatin1String>

#include <vector>

/// Every command of landline-cli, as data: read by the parser and by --help.
namespace landline::app::cli {

/// What an option's or a place's value must be; it becomes the value of a field of the command object.
enum class ValueKind { Flag, Text, Number, Seconds, Time, Size, Folder, File };

struct Place {
    QLatin1String key;
    QLatin1String shown;
    ValueKind kind = ValueKind::Text;
    bool optional = false;
    bool repeated = false;  ///< takes the rest; a list
};

struct Option {
    QLatin1String name;  ///< without the dashes
    QLatin1String key;
    ValueKind kind = ValueKind::Flag;
    QLatin1String shown = {};  ///< of its value
    bool repeated = false;
};

/// Which node a command needs when none runs on the profile.
enum class Needs { Nothing, Store, Network };

struct CommandSpec {
    QLatin1String words;  ///< as typed: one or two words
    QLatin1String name;   ///< `do` of the command object
    std::vector<Place> places;
    std::vector<Option> options;
    Needs needs = Needs::Store;
    QLatin1String help;
};

[[nodiscard]] const std::vector<CommandSpec>& commandTable();

}  // namespace landline::app::cli
