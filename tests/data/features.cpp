#include "data/postgis/feature_store.hpp"
#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

using namespace diaban;
using data::model::Personal;
using data::postgis::FeatureStore;
using data::postgis::Pool;
using data::postgis::Role;
using geo::Policy;
using tests::Database;

namespace {

struct World {
    Database database;
    data::model::Collection collection = tests::make_trials(database);
    Pool pool{database.options(Role::serve)};
    FeatureStore store{pool};
};

std::vector<std::int64_t> fids_of(std::vector<geo::Feature> const& features) {
    std::vector<std::int64_t> fids;
    for (auto const& feature : features) fids.push_back(feature.fid);
    return fids;
}

} // namespace

BOOST_AUTO_TEST_SUITE(features)

BOOST_FIXTURE_TEST_CASE(rows_come_in_the_order_asked_with_exact_doubles, World) {
    auto rows = tests::trials(5);
    auto const exact = std::nextafter(105.1, 106.0);
    rows[3].shape = tests::square(exact, 1.0 / 3, 1.0 / 7);
    tests::put(database, collection, rows);
    std::vector<std::int64_t> const asked{4, 2, 999, 1, 4};
    auto const found = store.by_fids(collection, asked, Policy::everything());
    std::vector<std::int64_t> const wanted{4, 2, 1, 4};
    BOOST_TEST(fids_of(found) == wanted, boost::test_tools::per_element());
    auto const& shape = found[0].geometry;
    BOOST_TEST(shape.positions[0].x == exact);
    BOOST_TEST(shape.positions[0].y == 1.0 / 3);
    BOOST_TEST(shape.positions[2].y == 1.0 / 3 + 1.0 / 7);
    BOOST_TEST(shape.srid == 4326);
    BOOST_TEST(store.by_fids(collection, {}, Policy::everything()).empty());
    std::vector<std::int64_t> const neighbours{2, 3};
    BOOST_TEST(fids_of(store.from_to(collection, 2, 3, Policy::everything())) == neighbours,
               boost::test_tools::per_element());
    BOOST_TEST(store.from_to(collection, 3, 2, Policy::everything()).empty());
}

BOOST_FIXTURE_TEST_CASE(values_of_every_type_are_read_exactly_and_null_is_null, World) {
    database.sql("INSERT INTO record.trials (name, amount, size, good, day, moment) VALUES "
                 "('Đắk Lắk', -9007199254740993, 0.1::float8 + 0.2::float8, true, '0044-03-15', "
                 "'2025-07-01 00:00:00.123456+07')");
    database.sql("INSERT INTO record.trials (size, day) VALUES (5e-324, '9999-12-31')");
    auto const found =
        store.by_fids(collection, std::array<std::int64_t, 2>{1, 2}, Policy::everything());
    BOOST_REQUIRE(found.size() == 2U);
    auto const& values = found[0].values;
    BOOST_TEST((values[0] == geo::Value{std::string{"Đắk Lắk"}}));
    BOOST_TEST((values[1] == geo::Value{std::int64_t{-9007199254740993}}));
    BOOST_TEST((values[2] == geo::Value{0.1 + 0.2}));
    BOOST_TEST((values[3] == geo::Value{true}));
    BOOST_TEST((values[4] == geo::Value{geo::Date{-703383}}));
    BOOST_TEST((values[5] == geo::Value{geo::Instant{1'751'302'800'123'456}}));
    BOOST_TEST((values[6] == geo::Value{}));
    BOOST_TEST(found[0].geometry.empty());
    BOOST_TEST((found[1].values[2] == geo::Value{std::numeric_limits<double>::denorm_min()}));
    BOOST_TEST((found[1].values[0] == geo::Value{}));
    // Read by binary COPY they are the same.
    auto const copied = store.from_to(collection, 1, 2, Policy::everything());
    BOOST_REQUIRE(copied.size() == 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        BOOST_TEST((copied[i].values == found[i].values));
        BOOST_TEST(copied[i].geometry.empty());
    }
}

BOOST_FIXTURE_TEST_CASE(rows_between_two_numbers_are_those_read_one_by_one, World) {
    auto rows = tests::trials(40);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].shape = tests::square(105 + std::nextafter(0.1, 1.0) * double(i), 1.0 / 3, 1.0 / 7);
    tests::put(database, collection, rows);
    std::vector<std::int64_t> fids(30);
    std::iota(fids.begin(), fids.end(), 6);
    for (auto const& policy :
         {Policy::everything(), Policy::limited({"north"}, 9, {"name", "holder"})}) {
        auto const wanted = store.by_fids(collection, fids, policy);
        auto const found = store.from_to(collection, 6, 35, policy);
        BOOST_REQUIRE(found.size() == wanted.size());
        BOOST_TEST(!found.empty());
        for (std::size_t i = 0; i < found.size(); ++i) {
            BOOST_TEST(found[i].fid == wanted[i].fid);
            BOOST_TEST((found[i].values == wanted[i].values));
            BOOST_TEST((found[i].geometry.positions == wanted[i].geometry.positions));
            BOOST_TEST(found[i].geometry.srid == wanted[i].geometry.srid);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(personal_fields_are_absent_unless_asked_for_by_right, World) {
    tests::put(database, collection, tests::trials(1));
    std::array<std::int64_t, 1> const one{1};
    auto const masked = store.by_fids(collection, one, Policy::everything());
    BOOST_TEST(masked[0].values.size() == 7U);
    auto const shown = store.by_fids(collection, one, Policy::everything(), Personal::shown);
    BOOST_TEST(shown[0].values.size() == 8U);
    BOOST_TEST((shown[0].values[7] == geo::Value{std::string{"Nguyễn Văn A"}}));
    auto const hidden = Policy::limited({"north"}, 0, {"holder", "name"});
    auto const seen = store.by_fids(collection, one, hidden, Personal::shown);
    BOOST_TEST(seen[0].values.size() == 6U);
    auto const schema = data::model::visible(collection.schema, hidden, Personal::shown);
    BOOST_TEST(schema.class_field.empty()); // a masked field is not named either
}

BOOST_FIXTURE_TEST_CASE(a_row_that_the_policy_does_not_see_is_as_if_not_there, World) {
    auto rows = tests::trials(6); // north: 1 3 5, south: 2 4 6
    rows[2].sensitivity = 4;
    tests::put(database, collection, rows);
    auto const north = Policy::limited({"north"}, 3);
    std::vector<std::int64_t> const all{1, 2, 3, 4, 5, 6};
    std::vector<std::int64_t> const seen{1, 5};
    BOOST_TEST(fids_of(store.by_fids(collection, all, north)) == seen,
               boost::test_tools::per_element());
    BOOST_TEST(fids_of(store.from_to(collection, 1, 6, north)) == seen,
               boost::test_tools::per_element());
    BOOST_TEST(store.count(collection, north).rows == 2U);
    BOOST_TEST(store.meets_box(collection, all, {99, 9, 101, 11}, north) == seen,
               boost::test_tools::per_element());
    BOOST_TEST(store.containing(collection, {100.0025, 10.0005}, 10, north).empty());
    BOOST_TEST(store.containing(collection, {100.0025, 10.0005}, 10, Policy::everything()).size() ==
               1U);
    BOOST_TEST(store.count(collection, Policy::limited({}, 255)).rows == 0U);
    // Scopes are values, never SQL.
    BOOST_TEST(store.count(collection, Policy::limited({"x\"} OR true --"}, 255)).rows == 0U);
}

BOOST_FIXTURE_TEST_CASE(without_a_policy_handed_over_the_condition_sees_nothing, World) {
    tests::put(database, collection, tests::trials(3));
    BOOST_CHECK_THROW(database.sql("SELECT count(*) FROM record.trials AS t WHERE t.sensitivity <= "
                                   "(SELECT current_setting('diaban.level')::smallint)"),
                      std::exception);
}

BOOST_FIXTURE_TEST_CASE(counts_tell_rows_from_located_rows, World) {
    tests::put(database, collection, tests::trials(4));
    database.sql("INSERT INTO record.trials (name) VALUES ('nowhere')");
    auto const count = store.count(collection, Policy::everything());
    BOOST_TEST(count.rows == 5U);
    BOOST_TEST(count.located == 4U);
}

BOOST_FIXTURE_TEST_CASE(the_doubles_decide_what_meets_a_box_and_holds_a_point, World) {
    auto rows = tests::trials(1);
    rows[0].shape = tests::square(105, 18, 1);
    tests::put(database, collection, rows);
    std::vector<std::int64_t> const fid{1};
    auto const everything = Policy::everything();
    auto const meets = [&](double east) {
        return store.meets_box(collection, fid, {104, 18, east, 19}, everything).size();
    };
    BOOST_TEST(meets(105) == 1U); // closed: touching is meeting
    BOOST_TEST(meets(std::nextafter(105.0, 0.0)) == 0U);
    auto const holds = [&](double x) {
        return store.containing(collection, {x, 18.5}, 10, everything).size();
    };
    BOOST_TEST(holds(105) == 1U);
    BOOST_TEST(holds(std::nextafter(105.0, 0.0)) == 0U);
    BOOST_TEST(holds(106) == 1U);
    BOOST_TEST(holds(std::nextafter(106.0, 200.0)) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
