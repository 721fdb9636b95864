#pragma once

#include "geo/filter/expression.hpp"
#include "geo/schema.hpp"
#include "tests/support/cql2_random.hpp"

#include <string>

namespace diaban::tests {

/// A filter as SQL over the table `trials`: the oracle of geo/filter. Written from the standard and
/// from PostgreSQL's manual, apart from the evaluator: it knows types by their names in SQL.
std::string cql2_sql(geo::filter::Expression const& expression);

/// The statement that makes the table `trials` of `rows`: the fields, id, valid_from and valid_to
/// (closed, infinite where open, null for a row that never is) and geometry.
std::string cql2_table(Cql2Rows const& rows);
/// Statements that put rows [first, last) into it.
std::string cql2_inserts(Cql2Rows const& rows, std::size_t first, std::size_t last);

} // namespace diaban::tests
