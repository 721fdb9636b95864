#pragma once

#include <string>

namespace diaban::crash {

/// Passes connections from one Unix socket on to another, each piece after a while: a database that
/// is far away or overburdened.
struct Relay {
    std::string from;
    std::string to;
    std::string delay_file; ///< milliseconds, read for each piece; absent or empty: none
};

/// Does so until the process is ended.
void pass_on(Relay const& relay);

} // namespace diaban::crash
