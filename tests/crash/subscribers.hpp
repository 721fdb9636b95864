#pragma once

#include <cstdint>
#include <string>

namespace diaban::crash {

/// Subscribers of parcels that come back after every crash: one of everywhere, and one for each of
/// 25 parts of the ground. Each writes into a file of its own in `logs` which box it watches and
/// then what it is told, "KIND FID VERSION" a line. Ends when the file `end` is there and no more
/// comes.
void listen(std::string const& database, std::uint16_t port, std::string const& logs,
            std::string const& end);

/// What each subscriber was told is what the record's feed after `seq` holds for its box: each
/// change once, in its order, as what it is there (what leaves the box is deleted, what enters
/// created). Says how many; 0 if all were told right.
int heard(std::string const& database, std::string const& logs, std::int64_t seq);

} // namespace diaban::crash
