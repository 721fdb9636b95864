#pragma once

#include "geo/filter/expression.hpp"
#include "geo/schema.hpp"
#include "tests/support/plain_columns.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace diaban::tests {

/// The collection that random expressions ask: texts name and kind, number area, integers floors
/// and serial (about 2^53), boolean good, date built, timestamps seen and gone; id, valid,
/// geometry.
geo::Schema cql2_schema();

/// Rows of it, null here and there, gathered where operators have their borders: words that differ
/// by case, accent or wildcard; numbers in quarters; instants about local midnights; geometries on
/// a coarse grid, so that they touch, coincide and contain each other.
struct Cql2Rows {
    explicit Cql2Rows(std::size_t count) : columns{count} {}
    PlainColumns columns;
    std::vector<std::string> fields;
    std::vector<std::vector<geo::Value>> values; ///< by field, then by row
};
Cql2Rows cql2_rows(std::mt19937_64& random, std::size_t count);

/// A sound filter on cql2_schema, with the same borders in its literals. `spatial` is the share of
/// its predicates that are spatial.
geo::filter::Expression cql2_expression(std::mt19937_64& random, double spatial);

} // namespace diaban::tests
