#pragma once

#include "geo/schema.hpp"
#include "tiles/mirror/run.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>

namespace diaban::tiles::mirror {

/// Of which record, and of which moment of it, a segment is a copy.
struct SegmentStamp {
    std::uint64_t record = 0;    ///< identity of the database: of its cluster and in it
    std::int64_t generation = 0; ///< of the change feed
    std::int64_t seq = 0;        ///< place in the change feed
    std::uint32_t native_zoom = 0;
};

/// A run on disk: one file, read by mapping it, so that a restart copies and computes nothing.
struct Segment {
    std::shared_ptr<Run const> run;
    SegmentStamp stamp;
};

/// Writes a run beside `file` and then puts it in its place: whoever opens it finds the old one or
/// the new one, whole. What is written is on the disk when this returns.
///
/// Throws   Error{unavailable, "segment-unwritten"} with the path in `detail`; the old one stays.
void write_segment(std::filesystem::path const& file, Run const& run, SegmentStamp const& stamp);

/// Says of a segment, whose rows have not changed since, that it is of a later moment; false if it
/// cannot be said. Torn by a crash, the header no longer agrees with its sum: the segment is
/// refused.
bool restamp_segment(std::filesystem::path const& file, SegmentStamp const& stamp);

/// Maps a segment, if it is one of this schema, of this record and generation, whole and unharmed;
/// else says in a word why not: absent, truncated, damaged, format, schema, record, generation.
///
/// Cost     one pass over the bytes, for their checksum (XXH3).
/// Trusts   nothing but the checksum: a file that was changed while it is mapped is the operator's
///          fault and ends the process (SIGBUS).
[[nodiscard]] std::variant<Segment, std::string>
open_segment(std::filesystem::path const& file, std::shared_ptr<geo::Schema const> schema,
             std::uint64_t record, std::int64_t generation);

} // namespace diaban::tiles::mirror
