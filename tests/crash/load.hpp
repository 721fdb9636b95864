#pragma once

#include <cstdint>
#include <string>

namespace diaban::crash {

/// What a node is asked while something breaks: as many turns a second as said, whatever became of
/// the turns before.
///
/// Reads  of the mirror: tiles 55 %, counts 15 %, search 10 %, readyz 5 %; of the record: items
///        10 %, /at 5 %.
/// Edits  of parcels over HTTP: four changes with If-Match to one creation.
struct Load {
    std::string database; ///< URI of a superuser; there when the load begins
    std::uint16_t port = 0;
    std::string turns;        ///< file: a line a turn, "MS KIND STATUS LATENCY AGE"
    std::string acknowledged; ///< file: a line an edit, on disk before the next is sent
    double reads = 500;       ///< a second
    double edits = 100;       ///< a second
    double seconds = 10;
};

void put_load(Load const& load);

/// Holds every acknowledged edit against the record, by row and version; says what is missing.
/// 0 if nothing is.
int judge_load(std::string const& database, std::string const& acknowledged);

/// Says what became of the turns of a load, "name=value" a line. Of reads of the mirror, reads of
/// the record and edits: how many, how many failed, the slowest, and how long after `end` of the
/// fault (ms since 1970) the first was answered that was sent after it. Answers that should not be,
/// and the greatest age that answers told.
void tell_load(std::string const& turns, std::int64_t end);

} // namespace diaban::crash
