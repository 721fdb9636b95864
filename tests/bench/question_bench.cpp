// Questions about a collection, answered from the mirror, beside PostGIS with the same question
// about the same rows. Prints lines of the table of ./run bench.

#include "data/postgis/feature_store.hpp"
#include "data/postgis/pool.hpp"
#include "geo/filter/cql2_text.hpp"
#include "services/domain/atlas.hpp"
#include "services/domain/nearest.hpp"
#include "services/domain/tally.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/units.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <array>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace diaban;
using services::domain::Choice;

namespace {

/// Some seventy communes over the parcels, each with about 5,000 positions, as real ones have.
void make_communes(pqxx::connection& sql) {
    pqxx::work work{sql};
    work.exec(
        "insert into record.places (code, level, kind, name, full_name, full_name_en, "
        "province_code, valid_from, geom) select lpad((20000 + row_number() over ())::text, 5, "
        "'0'), 'commune', 'xa', 'x', 'x', 'x', '42', '2025-07-01T00:00+07', "
        "st_multi(st_segmentize(h.geom, side * 6 / 5000)) from (select st_extent(geom) as box, "
        "(st_xmax(st_extent(geom)) - st_xmin(st_extent(geom))) / 13 as side from record.parcels) "
        "e, st_hexagongrid(side, st_setsrid(e.box::geometry, 4326)) h where not exists (select "
        "from record.places where level = 'commune')");
    work.commit();
}

struct Sides {
    std::function<std::uint64_t()> ours;
    std::string theirs; ///< one number in one row
};

class Bench {
public:
    Bench(pqxx::connection& sql, std::string const& lines, std::size_t rounds)
        : m_sql{sql}, m_table{lines}, m_rounds{rounds} {}

    /// Both sides in turn; they must agree.
    void line(std::string const& what, Sides const& sides, std::uint64_t tolerance = 0) {
        std::vector<double> ours;
        std::vector<double> processor;
        std::vector<double> theirs;
        std::uint64_t our_answer = 0;
        std::uint64_t their_answer = 0;
        for (std::size_t i = 0; i < m_rounds; ++i) {
            auto const time =
                bench::measured(bench::thread_time, [&] { our_answer = sides.ours(); });
            ours.push_back(time.wall);
            processor.push_back(time.cpu);
            if (i >= 3) continue; // seconds each
            theirs.push_back(bench::measured(bench::thread_time, [&] {
                                 pqxx::nontransaction work{m_sql};
                                 their_answer = work.exec1(sides.theirs)[0].as<std::uint64_t>();
                             }).wall);
        }
        auto const apart =
            our_answer > their_answer ? our_answer - their_answer : their_answer - our_answer;
        if (apart > tolerance)
            throw std::runtime_error{
                fmt::format("{}: {} and PostGIS {}", what, our_answer, their_answer)};
        m_table.line(what, bench::quantile(ours, 0.5), bench::quantile(theirs, 0.5), "PostGIS",
                     "<= 20 ms");
        std::cout << fmt::format("  {:.3f} ms of the processor\n", bench::quantile(processor, 0.5));
    }

private:
    pqxx::connection& m_sql;
    bench::Table m_table;
    std::size_t m_rounds;
};

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Questions about a million parcels"};
    std::string database;
    std::string lines;
    std::size_t rounds = 15;
    app.add_option("--database", database, "URI of the record")->required();
    app.add_option("--lines", lines, "A file that the lines of the table are added to");
    app.add_option("--rounds", rounds, "Times each")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    pqxx::connection sql{database};
    make_communes(sql);
    {
        pqxx::nontransaction work{sql};
        work.exec("analyze record.parcels");
        work.exec("analyze record.places");
        work.exec("set jit = off");
    }
    services::domain::AtlasOptions options;
    options.database = database;
    services::domain::Atlas atlas{options};
    if (!atlas.wait_until_ready(std::chrono::minutes{5})) return 1;
    data::postgis::PoolOptions pooled;
    pooled.uri = database;
    pooled.role = data::postgis::Role::serve;
    data::postgis::Pool pool{pooled};
    data::postgis::FeatureStore const store{pool};
    auto const policy = geo::Policy::everything(0);
    auto const view = atlas.view("parcels");
    auto const rows = view->layer->size();
    auto const filtered = [&](std::string const& text) {
        Choice choice;
        choice.filter =
            geo::filter::Filter::make(geo::filter::read_text(text), view->layer->schema(), policy);
        return choice;
    };
    auto const choose = [&](Choice const& choice) {
        return services::domain::choose_rows(*view, store, choice, policy);
    };
    auto const box = view->layer->extent(policy);
    geo::Position const middle{(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
    Choice const all;
    Choice inner;
    inner.boxes = {{box.min_x + (middle.x - box.min_x) / 2, box.min_y + (middle.y - box.min_y) / 2,
                    box.max_x - (box.max_x - middle.x) / 2,
                    box.max_y - (box.max_y - middle.y) / 2}};
    auto const& window = inner.boxes[0];
    auto const what = [&](std::string_view text) {
        return fmt::format("{}, {} parcels", text, rows);
    };

    Bench bench{sql, lines, rounds};
    auto const nearest = [&](Choice const& choice) {
        services::domain::NearestQuery query;
        query.from = middle;
        query.limit = 10;
        query.choice = choice;
        auto const found = services::domain::nearest_features(*view, store, query, policy);
        return std::uint64_t(found.back().nearest.metres);
    };
    auto const nearest_sql = [&](std::string const& where) {
        return fmt::format(
            "select floor(max(d))::bigint from (select st_distance(geom::geography, p) as d from "
            "(select geom, st_point({0}, {1}, 4326)::geography as p from record.parcels where {2} "
            "order by geom <-> st_point({0}, {1}, 4326) limit 40) near order by d limit 10) ten",
            middle.x, middle.y, where);
    };
    bench.line(what("10 nearest"), {[&] { return nearest(all); }, nearest_sql("true")}, 1);
    bench.line(
        what("10 nearest of a class"),
        {[&] { return nearest(filtered("land_use = 'ODT'")); }, nearest_sql("land_use = 'ODT'")},
        1);
    auto const count = [&](Choice const& choice) {
        return services::domain::tally(choose(choice), {}, nullptr, 0).all.count;
    };
    bench.line(what("count of a class"), {[&] { return count(filtered("land_use = 'LUC'")); },
                                          "select count(*) from record.parcels where land_use = "
                                          "'LUC'"});
    bench.line(what("count in a box"),
               {[&] { return count(inner); },
                fmt::format("select count(*) from record.parcels where st_intersects(geom, "
                            "st_makeenvelope({}, {}, {}, {}, 4326))",
                            window.min_x, window.min_y, window.max_x, window.max_y)});
    std::array<geo::Field const*, 1> const area{nullptr};
    bench.line(what("sum of areas (ha)"),
               {[&] {
                    auto const tallies = services::domain::tally(choose(all), area, nullptr, 0);
                    return std::uint64_t(tallies.all.sums[0].sum / 1e4);
                },
                "select floor(sum(st_area(geom::geography)) / 1e4)::bigint from record.parcels"},
               1);
    services::domain::UnitAreas kept;
    auto const places = atlas.view("places");
    bench.line(what("count by commune (the fullest)"),
               {[&] {
                    auto const units =
                        kept.of(places, "commune", services::domain::local_today(), policy);
                    auto const tallies =
                        services::domain::tally(choose(all), area, units->areas.get(), 1000);
                    std::uint64_t fullest = 0;
                    for (auto const& [part, tally] : tallies.parts)
                        fullest = std::max(fullest, tally.count);
                    return fullest;
                },
                "select max(n) from (select count(*) as n from record.parcels t join record.places "
                "p on p.level = 'commune' and st_contains(p.geom, st_centroid(t.geom)) group by "
                "p.fid) counts"},
               2);
    auto const& schema = view->layer->schema();
    auto const field = [&](std::string_view name) -> geo::Field const& {
        return *std::ranges::find(schema.fields, name, &geo::Field::name);
    };
    bench.line(
        what("values of a field"),
        {[&] {
             return services::domain::distinct_values(choose(all), field("land_use"), 100)
                 .values[0]
                 .count;
         },
         "select max(n) from (select count(*) as n from record.parcels group by land_use) v"});
    constexpr std::array shares{0.05, 0.25, 0.5, 0.75, 0.95};
    bench.line(what("histogram and quantiles"),
               {[&] {
                    services::domain::HistogramQuery query;
                    query.shares = shares;
                    auto const spread =
                        services::domain::histogram(choose(all), field("parcel_number"), query);
                    return std::uint64_t(spread.quantiles[2]);
                },
                "select (percentile_disc(array[0.05, 0.25, 0.5, 0.75, 0.95]) within group (order "
                "by parcel_number))[3]::bigint from record.parcels"});
    return 0;
}
