#pragma once

#include "data/model/collection.hpp"
#include "geo/feature.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diaban::data::model {

/// Names one state of one row: its version, and when that was recorded. A database that was set
/// back counts the same versions again, at other times.
struct Stamp {
    std::int64_t version = 0;
    geo::Instant recorded_at;

    friend bool operator==(Stamp const&, Stamp const&) = default;
};

enum class EditKind : std::uint8_t { create, change, remove };

/// One change of one row.
///
/// `expected`  states of which the row must have one; absent: whichever it has.
/// `values`    by index into `collection->schema.fields`; fields not named keep what they have.
/// `geometry`  EPSG:4326; an empty one removes it; absent: it stays.
struct Edit {
    Collection const* collection = nullptr; ///< outlives the edit
    EditKind kind = EditKind::change;
    std::int64_t fid = 0; ///< unless it is made
    std::optional<std::vector<Stamp>> expected;
    std::vector<std::pair<std::size_t, geo::Value>> values;
    std::optional<geo::Geometry> geometry;
};

/// A row after its edit.
struct Edited {
    std::int64_t fid = 0;
    Stamp stamp;                         ///< of a removed row: the state it had
    std::optional<geo::Feature> feature; ///< where it was asked for
};

/// Why an edit cannot be made: the row is not there (or may not be known to be), or in another
/// state.
struct Refusal {
    std::size_t edit = 0;         ///< which of the edits
    std::optional<Stamp> current; ///< absent: there is no such row
};

struct Author {
    std::string who;
    std::string why; ///< may be empty
};

/// What was answered to a request, kept for when it is repeated.
struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// The client's name for a request, and what it asked.
struct RequestKey {
    std::string key; ///< 1..255 bytes
    std::string request_sha256;
};

} // namespace diaban::data::model
