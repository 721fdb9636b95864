// The evaluator of geo/filter against PostGIS.

#include "geo/filter/filter.hpp"

#include "geo/filter/cql2_text.hpp"
#include "tests/support/cql2_random.hpp"
#include "tests/support/cql2_sql.hpp"
#include "tests/support/database.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using namespace diaban::tests;

constexpr std::size_t batch = 20; ///< expressions that one statement answers
/// One predicate in 25 is spatial: they take most of PostGIS's time.
constexpr double spatial_share = 0.04;

std::size_t wanted(char const* variable, std::size_t otherwise) {
    char const* const given = std::getenv(variable);
    return given != nullptr ? std::stoull(given) : otherwise;
}

/// Steele's SplitMix64, from the row's number.
std::int64_t weight(std::size_t row) {
    std::uint64_t z = (std::uint64_t{row} + 1) * 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return std::int64_t(z ^ (z >> 31));
}

/// Rows that match; where the columns are in doubt, by the exact geometry.
std::vector<bool> matches(Cql2Rows const& rows, geo::filter::Filter const& filter) {
    auto const row_count = rows.columns.rows();
    geo::filter::Evaluation const evaluation{filter, rows.columns, row_count};
    std::vector<geo::filter::Answer> answers(row_count);
    evaluation.range(0, answers);
    std::vector<bool> result(row_count);
    for (std::size_t i = 0; i < row_count; ++i)
        result[i] = answers[i] == geo::filter::Answer::doubtful
                        ? evaluation.exact(i, rows.columns.geometries[i])
                        : answers[i] == geo::filter::Answer::yes;
    return result;
}

/// A set of rows as one number: the exclusive or of a random number that each row has.
std::int64_t digest(std::vector<bool> const& matching) {
    std::int64_t mix = 0;
    for (std::size_t i = 0; i < matching.size(); ++i)
        if (matching[i]) mix ^= weight(i);
    return mix;
}

std::vector<std::int64_t> asked(pqxx::nontransaction& work,
                                std::vector<geo::filter::Expression> const& expressions) {
    std::string sql;
    for (auto const& expression : expressions) {
        sql += sql.empty() ? "SELECT " : ", ";
        sql += "coalesce(bit_xor(weight) FILTER (WHERE " + cql2_sql(expression) + "), 0)";
    }
    auto const row = work.exec1(sql + " FROM trials");
    std::vector<std::int64_t> result;
    for (auto const field : row) result.push_back(field.as<std::int64_t>());
    return result;
}

/// The first rows on which the two disagree, for the message.
std::string difference(pqxx::nontransaction& work, geo::filter::Expression const& expression,
                       std::vector<bool> matching) {
    for (auto const row : work.exec("SELECT id FROM trials WHERE " + cql2_sql(expression)))
        matching[row[0].as<std::size_t>() - 1].flip();
    std::string text;
    for (std::size_t i = 0; i < matching.size() && text.size() < 600; ++i) {
        if (!matching[i]) continue;
        auto const row = work.exec1("SELECT row_to_json(t) FROM (SELECT *, st_astext(geometry) as "
                                    "wkt FROM trials) t WHERE id = " +
                                    std::to_string(i + 1));
        text += "\n  " + row[0].as<std::string>();
    }
    return text;
}

void fill(pqxx::nontransaction& work, Cql2Rows const& rows) {
    work.exec("CREATE EXTENSION postgis");
    work.exec(cql2_table(rows));
    constexpr std::size_t slice = 10'000;
    for (std::size_t first = 0; first < rows.columns.rows(); first += slice)
        work.exec(cql2_inserts(rows, first, std::min(first + slice, rows.columns.rows())));
    work.exec("ALTER TABLE trials ADD weight bigint; CREATE INDEX ON trials (id)");
    for (std::size_t first = 0; first < rows.columns.rows(); first += slice) {
        auto const last = std::min(first + slice, rows.columns.rows());
        std::string sql;
        for (auto i = first; i < last; ++i)
            sql += (sql.empty() ? "(" : ",(") + std::to_string(i + 1) + "," +
                   std::to_string(weight(i)) + ")";
        work.exec("UPDATE trials SET weight = w.weight FROM (VALUES " + sql +
                  ") AS w (id, weight) WHERE w.id = trials.id");
    }
    work.exec("VACUUM FULL ANALYZE trials");
    work.exec("SET jit = off");
}

} // namespace

// DIABAN_EXPRESSIONS says how many, DIABAN_ROWS on how many rows.
BOOST_AUTO_TEST_CASE(random_expressions_find_the_rows_that_postgis_finds) {
    std::mt19937_64 random{seed()};
    auto const row_count = wanted("DIABAN_ROWS", 10'000);
    auto rows = cql2_rows(random, row_count);
    auto const schema = cql2_schema();
    Database const database{Database::Kind::empty};
    pqxx::connection connection{database.uri()};
    pqxx::nontransaction work{connection};
    fill(work, rows);

    std::size_t spatial = 0;
    std::size_t some = 0; // neither no row nor all
    std::size_t const total = wanted("DIABAN_EXPRESSIONS", 2000);
    auto const all = digest(std::vector<bool>(row_count, true));
    for (std::size_t done = 0; done < total; done += batch) {
        std::vector<geo::filter::Expression> expressions;
        for (std::size_t i = 0; i < std::min(batch, total - done); ++i)
            expressions.push_back(cql2_expression(random, spatial_share));
        auto const theirs = asked(work, expressions);
        for (std::size_t i = 0; i < expressions.size(); ++i) {
            auto const filter =
                geo::filter::Filter::make(expressions[i], schema, geo::Policy::everything());
            spatial += filter.spatial() ? 1U : 0U;
            some += theirs[i] != 0 && theirs[i] != all ? 1U : 0U;
            // Exact columns, then some a centimetre off, whose doubts the doubles decide.
            for (double const jitter : {0.0, 1e-7}) {
                if (jitter > 0 && !filter.spatial()) continue;
                rows.columns.jitter = jitter;
                auto const ours = matches(rows, filter);
                if (digest(ours) == theirs[i]) continue;
                BOOST_ERROR(geo::filter::to_text(expressions[i])
                            << "\njitter " << jitter << ": "
                            << std::count(ours.begin(), ours.end(), true) << " rows\n"
                            << cql2_sql(expressions[i]) << difference(work, expressions[i], ours));
            }
        }
    }
    std::cout << total << " expressions, " << spatial << " of them spatial, " << some
              << " with some rows but not all\n";
    BOOST_TEST(some > total / 3);
}
