// Rules judged: what moves through zones, and values beyond a threshold, from the rows to alerts.

#include "geo/error.hpp"
#include "services/domain/fence_watch.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>

using namespace diaban;
using services::domain::FenceWatch;

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr double metres_a_degree = 111'195; // of latitude, mean radius

geo::Instant clock_now() {
    using namespace std::chrono;
    return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

/// Zone 1, a kilometre from 18.30° N on, and zone 2 a degree east of it; vehicle 1 far south.
struct Fleet {
    tests::Database database;
    std::unique_ptr<FenceWatch> watch;
    std::int64_t seconds = 0; ///< of the vehicles' clock, which began an hour ago

    Fleet() {
        database.sql(R"(SELECT diaban.create_collection('{"id": "danger", "geometry": "polygon",
            "title": {"vi": "Vùng nguy hiểm"}, "label_field": "name", "fields": [
            {"name": "name", "type": "text", "title": {"vi": "Tên"}, "tile": true},
            {"name": "risk", "type": "integer", "title": {"vi": "Cấp"}, "tile": true}]}'))");
        database.sql("INSERT INTO record.danger (name, risk, scope, sensitivity, geom) VALUES "
                     "('Bãi bồi', 3, '18739', 0, ST_MakeEnvelope(105.30, 18.30, 105.31, 18.31, "
                     "4326)), ('Đập tràn', 1, '18073', 2, ST_MakeEnvelope(106.30, 18.30, 106.31, "
                     "18.31, 4326))");
        database.sql("INSERT INTO record.vehicles (code, name, kind, seen_at, geom) VALUES "
                     "('HT-01', 'Ca nô 1', 'boat', now() - interval '3 hours', "
                     "ST_Point(105.305, 18.2, 4326))");
        begin();
    }
    void begin() { watch = std::make_unique<FenceWatch>(database.uri()); }
    /// As if the process had been killed and ten seconds had passed.
    void kill_and_begin() {
        watch.reset();
        begin();
    }
    int rule(std::string const& kind, std::string const& more = "",
             std::string const& values = "") {
        return std::stoi(database.value(fmt::format(
            "INSERT INTO record.watch_rules (name, kind, source, severity, enabled{}) VALUES ('Quy "
            "tắc', '{}', 'vehicles', 'Severe', true{}) RETURNING fid",
            more, kind, values)));
    }
    int zone_rule(std::string const& kind, std::string const& more = "",
                  std::string const& values = "") {
        return rule(kind, ", zones" + more, ", 'danger'" + values);
    }
    /// As many metres north of zone 1's southern border (south: less than nothing).
    void moves(double metres, std::int64_t after = 10, int vehicle = 1, double lon = 105.305) {
        seconds += after;
        database.sql(fmt::format(
            "UPDATE record.vehicles SET geom = ST_Point({}, {}, 4326), seen_at = "
            "date_trunc('hour', now() - interval '2 hours') + interval '1 second' * {} + interval "
            "'1 hour' WHERE fid = {}",
            lon, 18.30 + metres / metres_a_degree, seconds, vehicle));
    }
    void looks() const { looks(clock_now()); }
    void looks(geo::Instant at) const {
        while (watch->look(at)) {
        }
    }
    void goes(double metres) {
        moves(metres);
        looks();
    }
    [[nodiscard]] std::string text(std::string const& sql) const {
        std::string all;
        for (auto const& row : database.sql(sql)) {
            all += all.empty() ? "" : "; ";
            for (auto const& one : row) all += (&one == &row.front() ? "" : " ") + one;
        }
        return all;
    }
    [[nodiscard]] std::string alerts() const {
        return text("SELECT kind, object, zone, state FROM record.alerts ORDER BY fid");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(who_hovers_on_a_border_for_ten_minutes_raises_one_alert_and_leaving_ends_it) {
    Fleet fleet;
    fleet.zone_rule("enter", ", margin", ", 40");
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "");
    std::mt19937_64 random{18};
    std::normal_distribution<double> noise{0, 6}; // metres, as of a receiver
    for (int i = 0; i < 60; ++i) {
        fleet.moves(noise(random));
        if (i % 7 == 0) fleet.looks();
    }
    fleet.goes(3);
    BOOST_TEST(fleet.alerts() == "enter 1 1 open");
    BOOST_TEST(fleet.text("SELECT type FROM alert.message") == "Alert");
    BOOST_TEST(fleet.text("SELECT headline, headline_en, severity, scope, sensitivity FROM "
                          "record.alerts") ==
               "Ca nô 1 đã vào Bãi bồi Ca nô 1 has entered Bãi bồi Severe 18739 0");
    fleet.goes(-38);
    BOOST_TEST(fleet.alerts() == "enter 1 1 open");
    fleet.goes(-42);
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed");
    BOOST_TEST(fleet.text("SELECT closed_by, close_reason FROM record.alerts") ==
               "watch condition");
    fleet.goes(10);
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed; enter 1 1 open");
    BOOST_TEST(fleet.text("SELECT ST_Equals(a.geom, z.geom) FROM record.alerts a JOIN "
                          "record.danger z ON z.fid = a.zone WHERE state = 'open'") == "t");
}

BOOST_AUTO_TEST_CASE(rules_are_taken_up_changed_and_put_away_while_everything_runs) {
    Fleet fleet;
    fleet.looks();
    fleet.goes(100);
    BOOST_TEST(fleet.alerts() == "");
    auto const rule = fleet.zone_rule("enter", ", headline", ", '{object}: {zone}!'");
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "enter 1 1 open"); // who was there already
    BOOST_TEST(fleet.text("SELECT headline FROM record.alerts") == "Ca nô 1: Bãi bồi!");
    fleet.database.sql("UPDATE record.watch_rules SET margin = 500");
    fleet.looks();
    fleet.goes(-400);
    BOOST_TEST(fleet.alerts() == "enter 1 1 open");
    fleet.database.sql(
        "UPDATE record.watch_rules SET margin = 50"); // whoever is out by that is out
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed");
    fleet.goes(100);
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed; enter 1 1 open");
    fleet.database.sql("UPDATE record.watch_rules SET enabled = false");
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed; enter 1 1 closed");
    BOOST_TEST(fleet.text("SELECT close_reason FROM record.alerts ORDER BY fid") ==
               "condition; rule");
    BOOST_TEST(fleet.text("SELECT count(*) FROM alert.stay") == "0");
    fleet.goes(120);
    fleet.database.sql("UPDATE record.watch_rules SET enabled = true, source_filter = "
                       "'kind = ''boat'''");
    fleet.looks();
    BOOST_TEST(fleet.text("SELECT count(*) FROM record.alerts WHERE state = 'open'") == "1");
    fleet.database.sql("UPDATE record.vehicles SET kind = 'truck'"); // of which it speaks no more
    fleet.looks();
    BOOST_TEST(fleet.text("SELECT count(*) FROM record.alerts WHERE state = 'open'") == "0");
    fleet.database.sql(fmt::format("DELETE FROM record.watch_rules WHERE fid = {}", rule));
    fleet.looks();
    BOOST_TEST(fleet.text("SELECT count(*) FROM alert.rule_state") == "0");
}

BOOST_AUTO_TEST_CASE(a_zone_that_moves_away_or_goes_ends_what_it_raised) {
    Fleet fleet;
    fleet.zone_rule("enter");
    fleet.looks();
    fleet.goes(100);
    fleet.database.sql("UPDATE record.danger SET geom = ST_Translate(geom, 0, 0.5) WHERE fid = 1");
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed");
    fleet.database.sql("UPDATE record.danger SET geom = ST_Translate(geom, 0, -0.5) WHERE fid = 1");
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed; enter 1 1 open");
    fleet.database.sql("DELETE FROM record.danger WHERE fid = 1");
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed; enter 1 1 closed");
    fleet.database.sql("INSERT INTO record.danger (name, geom) VALUES ('Mới', "
                       "ST_MakeEnvelope(105.30, 18.30, 105.31, 18.31, 4326))");
    fleet.looks();
    BOOST_TEST(fleet.text("SELECT zone FROM record.alerts WHERE state = 'open'") == "3");
    fleet.database.sql("DELETE FROM record.vehicles");
    fleet.looks();
    BOOST_TEST(fleet.text("SELECT count(*) FROM record.alerts WHERE state = 'open'") == "0");
}

BOOST_AUTO_TEST_CASE(who_begins_anew_opens_nothing_twice_and_misses_nothing) {
    Fleet fleet;
    fleet.zone_rule("enter");
    fleet.zone_rule("cross");
    fleet.looks();
    fleet.goes(100);
    BOOST_TEST(fleet.alerts() == "enter 1 1 open");
    fleet.kill_and_begin();
    fleet.looks();
    fleet.goes(110);
    BOOST_TEST(fleet.alerts() == "enter 1 1 open");
    fleet.database.sql("UPDATE record.alerts SET state = 'closed', closed_by = 'ai đó'");
    fleet.kill_and_begin();
    fleet.goes(120);
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed"); // the stay is the same
    // Nobody looks while the vehicle leaves, comes and leaves, and then drives through the zone.
    fleet.watch.reset();
    for (double const metres : {-200.0, 50.0, 60.0, -300.0, 1500.0}) fleet.moves(metres);
    fleet.begin();
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed; enter 1 1 closed; cross 1 1 open");
    // The record goes away while somebody looks.
    fleet.moves(100);
    fleet.database.refuse();
    BOOST_CHECK_THROW(fleet.looks(), geo::Error);
    fleet.database.accept();
    for (int i = 0; i < 3; ++i) {
        try {
            fleet.looks();
        } catch (geo::Error const&) { // a connection that is gone is found to be
        }
    }
    BOOST_TEST(fleet.text("SELECT kind FROM record.alerts WHERE state = 'open' ORDER BY fid") ==
               "cross; enter");
}

BOOST_AUTO_TEST_CASE(of_two_nodes_one_judges_and_the_other_succeeds_it) {
    Fleet fleet;
    fleet.zone_rule("enter");
    fleet.looks();
    FenceWatch other{fleet.database.uri()};
    fleet.moves(100);
    while (other.look(clock_now())) {
    }
    BOOST_TEST(fleet.alerts() == "");
    fleet.looks();
    BOOST_TEST(fleet.alerts() == "enter 1 1 open");
    fleet.watch->stop();
    fleet.moves(-100);
    while (other.look(clock_now())) {
    }
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed");
    fleet.moves(100);
    fleet.looks(); // it has lost its seat
    BOOST_TEST(fleet.alerts() == "enter 1 1 closed");
}

BOOST_AUTO_TEST_CASE(leaving_staying_and_passing_through_are_rules_too) {
    Fleet fleet;
    fleet.zone_rule("exit", ", zone_filter", ", 'risk >= 2'");
    fleet.zone_rule("dwell", ", dwell_seconds, margin", ", 60, 20");
    fleet.zone_rule("cross");
    fleet.looks();
    fleet.moves(100, 10);
    fleet.moves(100, 50);
    fleet.looks({clock_now().microseconds - 24 * 3600 * second});
    BOOST_TEST(fleet.alerts() == "");
    fleet.looks(); // it stands there and says no more: it stays all the same
    BOOST_TEST(fleet.alerts() == "dwell 1 1 open");
    auto const goes = [&](double metres) { // as the vehicle's clock has it
        fleet.moves(metres);
        fleet.looks({clock_now().microseconds - 24 * 3600 * second});
    };
    goes(-100);
    BOOST_TEST(fleet.alerts() == "dwell 1 1 closed; exit 1 1 open");
    for (double const metres : {100.0, -100.0, 100.0}) goes(metres);
    BOOST_TEST(fleet.alerts() == "dwell 1 1 closed; exit 1 1 closed; exit 1 1 closed");
    goes(-100);
    goes(1300); // through it
    BOOST_TEST(fleet.text("SELECT kind, state, expires - onset FROM record.alerts WHERE state = "
                          "'open' ORDER BY fid") == "exit open ; cross open 01:00:00");
}

BOOST_AUTO_TEST_CASE(a_value_at_its_threshold_raises_and_the_margin_keeps_it_from_flapping) {
    Fleet fleet;
    fleet.rule("above", ", field, threshold, margin", ", 'speed', 80, 5");
    fleet.rule("below", ", field, threshold", ", 'speed', 3");
    fleet.rule("changed", ", field, threshold, dwell_seconds", ", 'speed', 50, 30");
    fleet.looks();
    auto const drives = [&](int speed) {
        fleet.database.sql(fmt::format("UPDATE record.vehicles SET speed = {}", speed));
        fleet.goes(-5000);
    };
    for (int const speed : {40, 60, 79}) drives(speed);
    BOOST_TEST(fleet.alerts() == "");
    drives(81);
    BOOST_TEST(fleet.alerts() == "above 1  open");
    for (int const speed : {78, 82, 76}) drives(speed);
    fleet.kill_and_begin();
    drives(77);
    BOOST_TEST(fleet.alerts() == "above 1  open");
    drives(74);
    BOOST_TEST(fleet.alerts() == "above 1  closed");
    BOOST_TEST(fleet.text("SELECT headline, ST_Area(geom::geography) > 3e6 FROM record.alerts") ==
               "Ca nô 1: 81 km/h t");
    drives(2);
    BOOST_TEST(fleet.alerts() == "above 1  closed; below 1  open");
    drives(60); // within thirty seconds
    BOOST_TEST(fleet.alerts() == "above 1  closed; below 1  closed; changed 1  open");
    fleet.database.sql("UPDATE record.vehicles SET speed = NULL");
    fleet.goes(-5000);
    BOOST_TEST(fleet.text("SELECT count(*) FROM record.alerts WHERE state = 'open'") == "0");
}

BOOST_AUTO_TEST_CASE(an_alert_is_seen_by_whoever_sees_the_zone_and_names_nobody_of_elsewhere) {
    Fleet fleet;
    fleet.zone_rule("enter");
    fleet.database.sql("UPDATE record.vehicles SET scope = '18073', sensitivity = 1");
    fleet.looks();
    fleet.goes(100);
    fleet.moves(100, 10, 1, 106.305); // zone 2, of level 2 and its own unit
    fleet.looks();
    BOOST_TEST(fleet.text("SELECT scope, sensitivity, headline FROM record.alerts ORDER BY fid") ==
               "18739 1 Phương tiện 1 đã vào Bãi bồi; 18073 2 Ca nô 1 đã vào Đập tràn");
    auto const seen = [&](char const* scopes, int level) {
        return fleet.text(fmt::format(
            "BEGIN; SET LOCAL ROLE diaban_serve; SET LOCAL diaban.scopes = '{}'; SET LOCAL "
            "diaban.level = '{}'; SELECT count(*) FROM alert.message WHERE type = 'Alert'",
            scopes, level));
    };
    BOOST_TEST(seen("*", 0) == "0");
    BOOST_TEST(seen("{18739}", 255) == "1");
    BOOST_TEST(seen("{18073}", 1) == "0");
    BOOST_TEST(seen("*", 2) == "2");
}

BOOST_AUTO_TEST_CASE(a_rule_that_means_nothing_is_refused_or_says_so_and_holds_no_other_up) {
    Fleet fleet;
    auto const refused = [&](auto const& make) {
        try {
            make();
        } catch (std::exception const&) {
            return true;
        }
        return false;
    };
    BOOST_TEST(refused([&] { fleet.rule("enter"); }));
    BOOST_TEST(refused([&] { fleet.rule("enter", ", zones", ", 'vehicles'"); }));
    BOOST_TEST(refused([&] { fleet.rule("above", ", field", ", 'speed'"); }));
    BOOST_TEST(refused([&] { fleet.zone_rule("dwell"); }));
    fleet.zone_rule("enter", ", source_filter", ", 'owner = 1'");
    fleet.rule("above", ", field, threshold", ", 'name', 1");
    fleet.zone_rule("enter");
    fleet.looks();
    fleet.goes(100);
    BOOST_TEST(fleet.alerts() == "enter 1 1 open");
    BOOST_TEST(fleet.text("SELECT fault <> '' FROM alert.rule_state ORDER BY rule") == "t; t; f");
    fleet.database.sql("UPDATE record.watch_rules SET source_filter = 'speed IS NULL' WHERE "
                       "source_filter IS NOT NULL");
    fleet.looks();
    BOOST_TEST(fleet.text("SELECT fault <> '' FROM alert.rule_state ORDER BY rule") == "f; t; f");
    BOOST_TEST(fleet.alerts() == "enter 1 1 open; enter 1 1 open");
}

BOOST_AUTO_TEST_SUITE_END()
