#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/import.hpp"
#include "geo/feature.hpp"
#include "tests/support/database.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace diaban::tests {

/// A collection `trials` of polygons with a field of every type, a class field and a personal one.
data::model::Collection trials_collection();

/// Registers `trials` in a fresh database.
data::model::Collection make_trials(Database const& database);

/// A square of `size` degrees as EWKB.
std::vector<std::byte> square(double west, double south, double size);

/// A row of `trials`, with all that its views borrow from.
struct Trial {
    std::string name;
    std::int64_t amount = 0;
    std::vector<std::byte> shape;
    std::string scope;
    std::uint8_t sensitivity = 0;

    /// Fields that are not given here are null.
    [[nodiscard]] std::vector<geo::ValueView> values() const;
};

/// Writes rows by one import.
data::postgis::ImportResult put(Database const& database, data::model::Collection const& collection,
                                std::vector<Trial> const& rows,
                                data::postgis::ImportOptions const& options = {});

/// `rows` squares side by side along the equator, named t0, t1, …, amount = number, alternating
/// between the scopes `north` and `south`.
std::vector<Trial> trials(std::size_t rows);

/// name → amount of all rows.
std::map<std::string, std::string> amounts(Database const& database);

} // namespace diaban::tests
