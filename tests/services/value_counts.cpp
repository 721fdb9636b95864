#include "services/domain/value_counts.hpp"

#include "geo/filter/cql2_text.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/seed.hpp"
#include "tiles/mirror/run_columns.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace diaban;
using services::domain::Choice;

namespace {

/// Rows counted one by one.
std::uint64_t one_by_one(services::domain::View const& view, Choice const& choice,
                         geo::Policy const& policy) {
    std::uint64_t count = 0;
    for (auto const& live : view.layer->runs()) {
        auto rows = services::domain::seen_rows(live, std::nullopt, policy);
        tiles::mirror::RunColumns const columns{live.run};
        geo::filter::Evaluation const evaluation{*choice.filter, columns, rows.size()};
        std::vector<geo::filter::Answer> answers(rows.size());
        evaluation.rows(rows, answers);
        count += std::uint64_t(std::ranges::count(answers, geo::filter::Answer::yes));
    }
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(value_counts)

BOOST_AUTO_TEST_CASE(counts_by_value_are_those_of_looking_at_each_row_after_edits_too) {
    tests::RandomRows source{geo::GeometryKind::polygon, tests::seed()};
    std::vector<tests::MadeRow> rows;
    for (std::int64_t fid = 0; fid < 2000; ++fid) rows.push_back(source.row(fid));
    auto const schema = source.schema();
    auto layer = tests::make_layer(schema, rows);
    services::domain::ValueCounts counts;
    std::size_t counted = 0;
    for (int round = 0; round < 4; ++round) {
        services::domain::View view;
        view.layer = layer;
        for (auto const& policy : {geo::Policy::everything(), geo::Policy::everything(1),
                                   geo::Policy::limited({"42"}, 1)})
            for (auto const& field : schema.fields) {
                if (!field.tile) continue;
                for (auto const* const test : {" IS NULL", " IS NOT NULL"}) {
                    Choice choice;
                    choice.filter = geo::filter::Filter::make(
                        geo::filter::read_text(field.name + test), layer->schema(), policy);
                    auto const count = counts.count(view, choice, policy);
                    if (!count) continue;
                    BOOST_REQUIRE(*count == one_by_one(view, choice, policy));
                    ++counted;
                }
            }
        tiles::mirror::LayerBuilder changed{layer->shared_schema()};
        std::vector<std::int64_t> gone;
        for (std::int64_t fid = round; fid < 2000; fid += 7) gone.push_back(fid);
        for (std::int64_t fid = 10 * round; fid < 400; fid += 3) {
            auto const row = source.row(fid);
            changed.append({row.fid, row.scope, row.sensitivity, {}, row.values});
        }
        layer = layer->with(std::move(changed), gone);
    }
    BOOST_TEST(counted > 40U);
}

BOOST_AUTO_TEST_SUITE_END()
