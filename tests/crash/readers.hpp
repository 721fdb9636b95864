#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace diaban::crash {

/// Reads what the mirrors answer (tiles, counts) from each port in turn, `rate` a second, each on a
/// connection of its own, until the file `end` is there. Says how many reads there were, how many
/// failed (no answer, or one that is not 200 or 204) and how long the longest took; what the first
/// failures were goes to standard error. Returns 0 if none failed.
int read(std::string const& database, std::vector<std::uint16_t> const& ports, double rate,
         std::string const& end);

} // namespace diaban::crash
