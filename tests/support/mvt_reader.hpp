#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace diaban::tests {

/// A vector tile as read back, for tests only: strict, and apart from the encoder.
struct ReadPoint {
    std::int64_t x = 0;
    std::int64_t y = 0;
    friend bool operator==(ReadPoint const&, ReadPoint const&) = default;
};

using ReadValue = std::variant<std::string, double, std::int64_t, bool>;

struct ReadFeature {
    std::uint64_t id = 0;
    int type = 0;
    std::vector<std::uint32_t> commands;
    std::vector<std::vector<ReadPoint>> paths; ///< rings without their closing point
    std::map<std::string, ReadValue> tags;
};

struct ReadLayer {
    std::string name;
    std::uint32_t version = 0;
    std::uint32_t extent = 0;
    std::vector<ReadFeature> features;
};

/// Throws std::runtime_error for anything vector-tile-spec 2.1 forbids, invalid rings aside.
std::vector<ReadLayer> read_tile(std::string_view bytes);

/// Twice the signed area of an open ring, y down.
std::int64_t twice_area(std::vector<ReadPoint> const& ring);

/// Whether GEOS calls the feature's rings, taken as the specification says, a valid (multi)polygon;
/// else its reason. Empty text: valid.
std::string polygon_fault(ReadFeature const& feature);

} // namespace diaban::tests
