#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "services/domain/chosen.hpp"
#include "tiles/mirror/partition.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// A field's sum over some rows. A field without a value adds nothing.
struct Sum {
    double sum = 0;            ///< compensated: off by two roundings at most
    std::uint64_t counted = 0; ///< rows that have a value
};

/// How many rows, and the sums of the fields asked for, in their order.
struct Tally {
    std::uint64_t count = 0;
    std::vector<Sum> sums{};
    bool masked = false; ///< not to be told (domain/masking.hpp)
};

/// Rows counted by the part that holds each one's centroid; `nowhere` for those in none, and
/// `unlocated` for those without geometry. Every row is counted once.
struct Tallies {
    Tally all;
    std::map<std::uint32_t, Tally> parts; ///< by number; only those with rows
    Tally nowhere;
    Tally unlocated;
};

/// Whether the mirror of a collection keeps its polygons' areas: those that are merged.
[[nodiscard]] bool keeps_areas(View const& view) noexcept;

/// Cost   a pass over the rows, and over the distinct values of each field.
/// `fields` are numeric ones that the mirror holds; null stands for the polygons' own areas in m²
/// (of the ellipsoid, edges straight in degrees), which it must keep. `partition` null: `parts` and
/// `nowhere` stay empty. Throws Error{too_large, "too-many-parts"} beyond `most_parts`.
[[nodiscard]] Tallies tally(std::span<ChosenRows const> chosen,
                            std::span<geo::Field const* const> fields,
                            tiles::mirror::Partition const* partition, std::size_t most_parts);

/// A value that rows have, and how many have it.
struct Distinct {
    geo::Value value;
    std::uint64_t count = 0;
};

struct DistinctValues {
    std::uint64_t rows = 0;
    std::uint64_t without = 0;    ///< rows that have no value
    std::uint64_t distinct = 0;   ///< different values
    std::vector<Distinct> values; ///< the most frequent, then by value; `most` of them
};

/// The values of a field that the mirror holds.
[[nodiscard]] DistinctValues distinct_values(std::span<ChosenRows const> chosen,
                                             geo::Field const& field, std::size_t most);

/// How a numeric field is spread. Bin i holds from ≤ value < to; the last one its end too.
struct Histogram {
    struct Bin {
        double from = 0;
        double to = 0;
        std::uint64_t count = 0;
    };
    std::uint64_t rows = 0;
    std::uint64_t without = 0; ///< rows that have no value
    std::uint64_t below = 0;   ///< of the first bin
    std::uint64_t above = 0;   ///< of the last bin
    std::optional<double> least;
    std::optional<double> most;
    std::optional<double> mean;
    std::vector<double> quantiles; ///< one a share asked for, by nearest rank; empty without values
    std::vector<Bin> bins;         ///< empty without values
};

struct HistogramQuery {
    std::size_t bins = 20;
    std::optional<double> from; ///< else the least value
    std::optional<double> to;   ///< else the greatest
    std::span<double const> shares;
};

/// Dates and timestamps count as microseconds from 1970-01-01T00:00Z.
[[nodiscard]] Histogram histogram(std::span<ChosenRows const> chosen, geo::Field const& field,
                                  HistogramQuery const& query);

} // namespace diaban::services::domain
