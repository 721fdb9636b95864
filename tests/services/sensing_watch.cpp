// Stations watched: what they show, and alerts from their opening to their end.

#include "services/domain/station_verdict.hpp"
#include "services/domain/station_watch.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <vector>

using namespace diaban;
using data::postgis::ObservationStore;
using data::postgis::Pool;
using data::postgis::Role;
using data::postgis::WatchStore;

namespace {

constexpr std::int64_t minute = 60'000'000;
constexpr std::int64_t back = 72 * 60 * minute; // the clock of these tests is that much behind

/// A busy machine makes no test fail.
data::postgis::PoolOptions patient(tests::Database const& database) {
    auto options = database.options(Role::edit);
    options.wait = options.statement_timeout = std::chrono::seconds{30};
    return options;
}

/// Linh Cảm, with the levels of Decision 05/2020/QĐ-TTg, and a clock of its own that begins now.
struct WatchedGauge {
    tests::Database database;
    Pool pool{patient(database)};
    ObservationStore observations{pool};
    WatchStore watch{pool};
    std::int64_t station = 0;
    std::int64_t stream = 0;
    std::int64_t now = 0;

    explicit WatchedGauge(char const* scope = "", int sensitivity = 0) {
        station = number(fmt::format(
            "INSERT INTO record.sensors (name, kind, scope, sensitivity, geom) VALUES ('Linh Cảm', "
            "'gauge', '{}', {}, ST_Point(105.56, 18.53, 4326)) RETURNING fid",
            scope, sensitivity));
        stream = number(fmt::format(
            "INSERT INTO record.datastreams (name, sensor, observed_property, unit_symbol, "
            "expected_seconds, level_1, level_2, level_3, hysteresis, scope, sensitivity) VALUES "
            "('Mực nước', {}, 1, 'm', 3600, 4.5, 5.5, 6.5, 0.05, '{}', {}) RETURNING fid",
            station, scope, sensitivity));
        now = number("SELECT (extract(epoch FROM now()) * 1000000)::bigint");
    }
    [[nodiscard]] std::int64_t number(std::string const& sql) const {
        return std::stoll(database.value(sql));
    }
    /// A reading ten minutes after the one before, as if it had just come.
    void reads(double value, bool look = true) {
        now += 10 * minute;
        data::model::Observation const one{stream, {now - back}, value};
        static_cast<void>(observations.take(std::span{&one, 1}, geo::Policy::everything()));
        if (look) looks();
    }
    void looks() { services::domain::StationWatch::look(watch, {now - back}); }
    [[nodiscard]] std::string text(std::string const& sql) const {
        auto const rows = database.sql(sql);
        std::string all;
        for (auto const& row : rows) {
            all += all.empty() ? "" : "; ";
            for (auto const& one : row) all += (&one == &row.front() ? "" : " | ") + one;
        }
        return all;
    }
    [[nodiscard]] std::string alerts() const {
        return text("SELECT kind, level, state FROM record.alerts ORDER BY fid");
    }
    [[nodiscard]] std::string messages() const {
        return text("SELECT type, said ->> 'level' FROM alert.message ORDER BY alert, number");
    }
    [[nodiscard]] std::string shown() const {
        return text("SELECT reading, reading_value, alert_level, no_data FROM record.sensors");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(watch)

BOOST_AUTO_TEST_CASE(linh_cam_raises_level_one_and_two_and_speaks_as_bulletins_do) {
    WatchedGauge gauge;
    gauge.reads(4.27);
    BOOST_TEST(gauge.alerts() == "");
    BOOST_TEST(gauge.shown() == "BĐ1 − 0.23 | 4.27 | 0 | f");
    gauge.reads(4.78);
    BOOST_TEST(gauge.alerts() == "level | 1 | open");
    BOOST_TEST(gauge.shown() == "BĐ1 + 0.28 | 4.78 | 1 | f");
    gauge.reads(5.34);
    BOOST_TEST(gauge.shown() == "BĐ2 − 0.16 | 5.34 | 1 | f");
    BOOST_TEST(gauge.messages() == "Alert | 1");
    gauge.reads(6.20);
    BOOST_TEST(gauge.shown() == "BĐ3 − 0.30 | 6.2 | 2 | f");
    BOOST_TEST(gauge.alerts() == "level | 2 | open"); // the same one, escalated
    BOOST_TEST(gauge.messages() == "Alert | 1; Update | 2");
    BOOST_TEST(
        gauge.text("SELECT headline, headline_en, severity FROM record.alerts") ==
        "Linh Cảm: báo động II (BĐ3 − 0.30) | Linh Cảm: alert level II (BĐ3 − 0.30) | Severe");
    gauge.looks();
    gauge.reads(6.21);
    BOOST_TEST(gauge.messages() == "Alert | 1; Update | 2");
}

BOOST_AUTO_TEST_CASE(four_readings_in_one_batch_raise_what_they_raise_one_by_one) {
    WatchedGauge gauge;
    for (double const value : {4.27, 4.78, 5.34, 6.20}) gauge.reads(value, false);
    gauge.looks();
    BOOST_TEST(gauge.alerts() == "level | 2 | open");
    BOOST_TEST(gauge.messages() == "Alert | 1; Update | 2");
    BOOST_TEST(gauge.text("SELECT said ->> 'description_en' LIKE '%4.78 m (BĐ1 + 0.28)%' FROM "
                          "alert.message WHERE number = 1") == "t");
}

BOOST_AUTO_TEST_CASE(an_alert_ends_with_its_condition_and_cancels_what_was_said) {
    WatchedGauge gauge;
    for (double const value : {4.7, 5.6, 5.44, 4.46, 4.51}) gauge.reads(value);
    BOOST_TEST(gauge.alerts() == "level | 1 | open");
    gauge.reads(4.44);
    BOOST_TEST(gauge.alerts() == "level | 1 | closed");
    BOOST_TEST(gauge.messages() == "Alert | 1; Update | 2; Update | 1; Cancel | 1");
    auto const refers = gauge.text("SELECT array_length(refers, 1) FROM alert.message WHERE type = "
                                   "'Cancel'");
    BOOST_TEST(refers == "3");
    BOOST_TEST(gauge.text("SELECT closed_by, close_reason FROM record.alerts") ==
               "watch | condition");
    gauge.reads(4.6);
    BOOST_TEST(gauge.alerts() == "level | 1 | closed; level | 1 | open");
    BOOST_TEST(
        gauge.text("SELECT DISTINCT who FROM diaban.authorship WHERE collection = 'alerts'") ==
        "watch");
}

BOOST_AUTO_TEST_CASE(what_a_person_closed_stays_closed_until_it_gets_worse) {
    WatchedGauge gauge;
    gauge.reads(4.7);
    gauge.database.sql("UPDATE record.alerts SET state = 'closed', closed_by = 'ai đó'");
    gauge.reads(4.8);
    gauge.reads(4.9);
    BOOST_TEST(gauge.alerts() == "level | 1 | closed");
    gauge.reads(5.6);
    BOOST_TEST(gauge.alerts() == "level | 1 | closed; level | 2 | open");
    gauge.database.sql("UPDATE record.alerts SET state = 'acknowledged' WHERE state = 'open'");
    gauge.reads(6.6);
    BOOST_TEST(gauge.alerts() == "level | 1 | closed; level | 3 | acknowledged");
}

BOOST_AUTO_TEST_CASE(silence_is_no_data_and_tells_the_house_alone) {
    WatchedGauge gauge;
    gauge.reads(4.27);
    gauge.now += 59 * minute;
    gauge.looks();
    BOOST_TEST(gauge.alerts() == "");
    gauge.now += 2 * minute;
    gauge.looks();
    gauge.looks();
    BOOST_TEST(gauge.alerts() == "no_data | 0 | open");
    BOOST_TEST(gauge.shown() == " | 4.27 |  | t"); // no words and no level
    BOOST_TEST(gauge.messages() == "");
    gauge.reads(4.30);
    BOOST_TEST(gauge.alerts() == "no_data | 0 | closed");
    BOOST_TEST(gauge.shown() == "BĐ1 − 0.20 | 4.3 | 0 | f");
}

BOOST_AUTO_TEST_CASE(an_alert_that_nobody_renews_expires_and_is_raised_anew_when_data_comes) {
    WatchedGauge gauge;
    gauge.reads(4.7);
    gauge.now += 25 * 60 * minute;
    gauge.looks();
    BOOST_TEST(gauge.alerts() == "level | 1 | expired; no_data | 0 | open");
    gauge.reads(4.8);
    BOOST_TEST(gauge.alerts() == "level | 1 | expired; no_data | 0 | closed; level | 1 | open");
    for (int i = 0; i < 6 * 30; ++i) gauge.reads(4.8); // thirty hours: it lasts
    BOOST_TEST(gauge.text("SELECT count(*) FROM record.alerts WHERE state = 'open'") == "1");
    BOOST_TEST(gauge.text("SELECT count(*) FROM record.alerts") == "3");
}

BOOST_AUTO_TEST_CASE(values_of_long_ago_raise_nothing_but_what_still_stands) {
    WatchedGauge gauge;
    auto const history = [&](std::vector<double> const& values, std::int64_t hours_ago) {
        std::vector<data::model::Observation> all;
        for (std::size_t i = 0; i < values.size(); ++i)
            all.push_back({gauge.stream,
                           {gauge.now - back - hours_ago * 60 * minute + std::int64_t(i) * minute},
                           values[i]});
        static_cast<void>(gauge.observations.take(all, geo::Policy::everything()));
    };
    history({4.2, 7.0, 4.2}, 48);
    gauge.reads(4.3);
    BOOST_TEST(gauge.alerts() == "");
    WatchedGauge late;
    std::vector<data::model::Observation> all{
        {late.stream, {late.now - back - 7 * 60 * minute}, 5.8}};
    static_cast<void>(late.observations.take(all, geo::Policy::everything()));
    late.now += minute;
    late.looks();
    BOOST_TEST(late.alerts().starts_with("no_data")); // seven hours old and nothing since
}

BOOST_AUTO_TEST_CASE(an_alert_is_seen_by_whoever_sees_its_datastream) {
    WatchedGauge gauge{"18739", 3};
    gauge.reads(5.0);
    BOOST_TEST(gauge.text("SELECT scope, sensitivity FROM record.alerts") == "18739 | 3");
    auto const seen = [&](char const* scopes, int level) {
        return gauge.database.value(fmt::format(
            "BEGIN; SET LOCAL ROLE diaban_serve; SET LOCAL diaban.scopes = '{}'; SET LOCAL "
            "diaban.level = '{}'; SELECT count(*) FROM alert.message",
            scopes, level));
    };
    BOOST_TEST(seen("*", 2) == "0");
    BOOST_TEST(seen("{18740}", 255) == "0");
    BOOST_TEST(seen("{18739}", 3) == "1");
}

BOOST_AUTO_TEST_CASE(two_nodes_judge_each_reading_once) {
    WatchedGauge gauge;
    for (double const value : {4.27, 4.78, 5.34, 6.20}) gauge.reads(value, false);
    Pool other_pool{patient(gauge.database)};
    WatchStore const other{other_pool};
    auto const templates = gauge.watch.templates();
    geo::Instant const at{gauge.now - back};
    gauge.watch.judge(gauge.stream, [&](data::postgis::WatchTask const& task) {
        // While one is at it, the other finds nothing to do.
        bool asked = false;
        other.judge(gauge.stream, [&](data::postgis::WatchTask const& second) {
            asked = true;
            return services::domain::judge_station(second, templates, at);
        });
        BOOST_TEST(!asked);
        return services::domain::judge_station(task, templates, at);
    });
    gauge.looks();
    BOOST_TEST(gauge.messages() == "Alert | 1; Update | 2");
}

BOOST_AUTO_TEST_CASE(a_watch_that_dies_in_the_middle_has_done_nothing) {
    WatchedGauge gauge;
    gauge.reads(4.78, false);
    auto const templates = gauge.watch.templates();
    try {
        gauge.watch.judge(gauge.stream, [&](data::postgis::WatchTask const&) {
            throw geo::Error{geo::Code::internal, "internal"};
            return data::postgis::WatchVerdict{};
        });
    } catch (geo::Error const&) {
    }
    BOOST_TEST(gauge.alerts() == "");
    gauge.looks();
    BOOST_TEST(gauge.messages() == "Alert | 1");
}

BOOST_AUTO_TEST_SUITE_END()
