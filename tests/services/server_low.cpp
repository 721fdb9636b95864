// What is drawn below the native zoom, over HTTP: lines, sums, filters, and how soon edits are
// there.

#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <string>
#include <thread>

using namespace diaban;
using nlohmann::json;
using tests::World;

namespace {

/// A world whose collections are drawn in full from zoom 12 on; ways are summed by number.
class LowWorld {
public:
    explicit LowWorld(bool sums) {
        m_world.database().sql(
            "UPDATE diaban.collection SET native_zoom = 12 WHERE id IN ('blocks','ways','spots')");
        if (sums)
            m_world.database().sql("UPDATE diaban.field SET sum = true "
                                   "WHERE collection = 'ways' AND name = 'number'");
        m_server = m_world.start_server("none");
    }
    [[nodiscard]] tests::Database& database() const { return m_world.database(); }
    [[nodiscard]] auto get(std::string const& target) const {
        return tests::get(m_server->port(), target);
    }

    struct Total {
        double count = 0;
        double length = 0;
        double drawn = 0;
        double numbers = 0;
        double shown = 0; ///< as headers say
        double total = 0;
    };
    /// All tiles of zoom 9 over the ways.
    [[nodiscard]] Total ways(std::string const& query = "") const {
        Total sum;
        for (int x = 404; x <= 408; ++x)
            for (int y = 224; y <= 232; ++y) {
                auto const answer = get(fmt::format("/tiles/ways/9/{}/{}.mvt{}", x, y, query));
                BOOST_REQUIRE((answer.status == 200 || answer.status == 204));
                BOOST_TEST(answer.field("diaban-merged") == "ways");
                sum.shown += std::stod(answer.field("diaban-shown"));
                sum.total += std::stod(answer.field("diaban-total"));
                if (answer.status == 204) continue;
                for (auto const& layer : tests::read_tile(answer.body))
                    for (auto const& feature : layer.features) {
                        sum.count += double(std::get<std::int64_t>(feature.tags.at("count")));
                        sum.drawn += double(std::get<std::int64_t>(feature.tags.at("drawn")));
                        sum.length += std::get<double>(feature.tags.at("length_m"));
                        if (feature.tags.contains("number"))
                            sum.numbers +=
                                double(std::get<std::int64_t>(feature.tags.at("number")));
                    }
            }
        return sum;
    }

private:
    mutable World m_world;
    std::unique_ptr<services::Server> m_server;
};

} // namespace

BOOST_AUTO_TEST_SUITE(server_low)

BOOST_AUTO_TEST_CASE(lines_are_merged_with_their_count_length_and_sums_and_followed_in_a_second) {
    LowWorld const world{true};
    auto const check = [&](LowWorld::Total const& found) {
        auto const length = std::stod(
            world.database().value("SELECT sum(ST_Length(geom::geography)) FROM record.ways"));
        auto const rows = std::stod(world.database().value("SELECT count(*) FROM record.ways"));
        return found.count == rows && found.total == rows && found.drawn == found.shown &&
               found.drawn > rows / 2 && std::abs(found.length - length) < 0.01 * rows &&
               found.numbers ==
                   std::stod(world.database().value("SELECT sum(number) FROM record.ways"));
    };
    BOOST_TEST(check(world.ways()));
    world.database().sql("DELETE FROM record.ways WHERE number % 7 = 0;"
                         "UPDATE record.ways SET number = number + 1000 WHERE number % 5 = 0");
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    bool fresh = false;
    while (!(fresh = check(world.ways())) && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    BOOST_TEST(fresh);
    auto const layer = json::parse(world.get("/tiles/ways.json").body)["vector_layers"][0];
    BOOST_TEST(layer["minzoom"] == 0);
    BOOST_TEST(layer["merged_below"]["zoom"] == 12);
    BOOST_TEST(layer["merged_below"]["carries"] ==
               json::array({"count", "length_m", "drawn", "number"}));
    for (auto const* field : {"count", "length_m", "drawn", "number"})
        BOOST_TEST(layer["fields"].contains(field));
    auto const fields = json::parse(world.get("/collections/ways").body)["fields"];
    BOOST_TEST(fields[0]["sum"] == true);
    BOOST_TEST(world.get("/metrics").body.find("diaban_pyramid_bytes{collection=\"ways\"}") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(
    a_filter_below_the_native_zoom_counts_the_matching_rows_before_and_after_edits) {
    LowWorld const world{false};
    auto const matches = [&](std::string const& filter, std::string const& sql) {
        auto const found = world.ways("?filter=" + filter);
        return found.count ==
               std::stod(world.database().value("SELECT count(*) FROM record.ways WHERE " + sql));
    };
    BOOST_TEST(matches("number%20%3E%20400", "number > 400"));
    BOOST_TEST(matches("TRUE", "true"));
    // The unfiltered picture does not change: only what filters choose by.
    world.database().sql("UPDATE record.ways SET number = 1 WHERE number > 900");
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    bool fresh = false;
    while (!(fresh = matches("number%20%3E%20400", "number > 400")) &&
           std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    BOOST_TEST(fresh);
    auto const blocks = world.get("/tiles/blocks/9/405/229.mvt?filter=kind%20%3D%20'LUC'");
    BOOST_TEST(blocks.status == 200);
    for (auto const& layer : tests::read_tile(blocks.body))
        for (auto const& feature : layer.features)
            BOOST_TEST(std::get<std::string>(feature.tags.at("kind")) == "LUC");
    BOOST_TEST(world.get("/tiles/blocks/9/405/229.mvt?filter=owner%20IS%20NULL").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
