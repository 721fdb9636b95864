#include "data/postgis/copy.hpp"

#include "data/postgis/change_feed.hpp"
#include "geo/codec/wkb.hpp"
#include "tests/data/rows.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

using namespace diaban;
using data::postgis::CopyOut;
using data::postgis::Fields;
using tests::Database;

namespace {

/// A row with what it borrowed.
struct Row {
    std::int64_t fid = 0;
    std::string scope;
    std::uint8_t sensitivity = 0;
    std::vector<std::byte> wkb;
    std::vector<geo::Value> values;
};

std::vector<Row> rows_of(CopyOut const& copy, unsigned parts = 1) {
    std::vector<Row> rows;
    for (unsigned part = 0; part < parts; ++part)
        copy.read(part, parts, [&](geo::RowView const& view) {
            auto& row = rows.emplace_back();
            row.fid = view.fid;
            row.scope = view.scope;
            row.sensitivity = view.sensitivity;
            row.wkb.assign(view.wkb.begin(), view.wkb.end());
            for (auto const& value : view.values) row.values.push_back(geo::owned(value));
        });
    return rows;
}

} // namespace

BOOST_AUTO_TEST_SUITE(copy)

BOOST_AUTO_TEST_CASE(every_type_null_and_vietnamese_text_come_back_as_they_went_in) {
    Database const database;
    auto const collection = tests::make_trials(database);
    auto const shape = tests::square(105.123456789012345, 18.3, 0.1);
    std::vector<std::vector<geo::ValueView>> const written{
        {std::string_view{"Xã Cẩm Duệ, huyện Cẩm Xuyên: ắằẳẵặ ớờởỡợ ứừửữự đĐ 𠀀"},
         std::int64_t{-9007199254740993}, 0.1 + 0.2, true, geo::Date{-719162},
         geo::Instant{1'751'302'800'123'456}, std::string_view{""}, std::string_view{"a\tb\nc\\"}},
        {{}, {}, {}, {}, {}, {}, {}, {}},
        {std::string_view{"x"},
         std::numeric_limits<std::int64_t>::max(),
         std::numeric_limits<double>::denorm_min(),
         false,
         geo::Date{20270},
         geo::Instant{-62'135'596'800'000'000},
         {},
         {}},
        {{},
         std::numeric_limits<std::int64_t>::min(),
         -0.0,
         {},
         geo::Date{0},
         geo::Instant{0},
         {},
         {}},
    };
    {
        data::postgis::Import import{database.uri(), collection, {}};
        for (std::size_t i = 0; i < written.size(); ++i) {
            data::postgis::ImportRow row;
            if (i != 1) row.ewkb = shape;
            row.scope = i == 0 ? "42" : "";
            row.sensitivity = static_cast<std::uint8_t>(i == 2 ? 255 : 0);
            row.values = written[i];
            import.append(row);
        }
        import.finish();
    }
    auto const rows = rows_of(CopyOut{database.uri(), collection, Fields::all});
    BOOST_REQUIRE(rows.size() == written.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        BOOST_TEST((rows[i].wkb == (i == 1 ? std::vector<std::byte>{} : shape)));
        for (std::size_t j = 0; j < written[i].size(); ++j)
            BOOST_TEST((rows[i].values[j] == geo::owned(written[i][j])), i << " " << j);
    }
    BOOST_TEST(rows[0].scope == "42");
    BOOST_TEST(rows[2].sensitivity == 255);
    BOOST_TEST(std::signbit(std::get<double>(rows[3].values[2])));
}

BOOST_AUTO_TEST_CASE(a_mirror_gets_tile_fields_and_never_a_personal_one) {
    Database const database;
    auto const collection = tests::make_trials(database);
    tests::put(database, collection, tests::trials(3));
    CopyOut const tile{database.uri(), collection};
    BOOST_TEST(tile.fields().size() == 6U);
    CopyOut const impersonal{database.uri(), collection, Fields::impersonal};
    BOOST_TEST(impersonal.fields().size() == 7U);
    for (auto const& row : rows_of(impersonal))
        for (auto const& value : row.values)
            BOOST_TEST((value != geo::Value{std::string{"Nguyễn Văn A"}}));
}

BOOST_AUTO_TEST_CASE(parts_are_disjoint_whole_and_of_one_moment_while_others_write) {
    Database const database;
    auto const collection = database.collection("parcels"); // partitioned
    database.sql("INSERT INTO record.parcels (geom, parcel_number) SELECT "
                 "public.st_makeenvelope(105 + i * 1e-4, 18, 105.0001 + i * 1e-4, 18.1, 4326), i "
                 "FROM generate_series(1, 5000) AS i");
    database.sql("INSERT INTO record.parcels (fid, parcel_number) VALUES (5000000, 0)");
    CopyOut const copy{database.uri(), collection};
    // After the snapshot: rows come, go and change; the picture stays.
    database.sql("UPDATE record.parcels SET parcel_number = -1");
    database.sql("DELETE FROM record.parcels WHERE fid % 2 = 0");
    database.sql(
        "INSERT INTO record.parcels (parcel_number) SELECT i FROM generate_series(1, 999) i");
    std::mutex mutex;
    std::multiset<std::int64_t> numbers;
    std::vector<std::thread> threads;
    for (unsigned part = 0; part < 3; ++part)
        threads.emplace_back([&, part] {
            copy.read(part, 3, [&](geo::RowView const& row) {
                std::lock_guard const lock{mutex};
                numbers.insert(std::get<std::int64_t>(row.values[1]));
            });
        });
    for (auto& thread : threads) thread.join();
    BOOST_TEST(numbers.size() == 5001U);
    BOOST_TEST(*numbers.begin() == 0);
    BOOST_TEST(std::set<std::int64_t>(numbers.begin(), numbers.end()).size() == 5001U);
}

BOOST_AUTO_TEST_CASE(an_import_and_a_picture_taken_at_once_do_not_wait_for_one_another) {
    Database const database;
    auto const collection = tests::make_trials(database);
    tests::put(database, collection, tests::trials(3));
    database.sql("DELETE FROM record.trials"); // no rows, but blocks
    auto copy = std::make_unique<CopyOut>(database.uri(), collection);
    std::thread importing{[&] {
        data::postgis::Import import{database.uri(), collection, {}};
        data::postgis::ImportRow row;
        std::vector<geo::ValueView> const nothing(collection.schema.fields.size());
        row.values = nothing;
        import.append(row);
        import.finish();
    }};
    auto const waits = [&] {
        return database.value("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = "
                              "'record.trials'::regclass AND mode = 'AccessExclusiveLock'") == "1";
    };
    while (!waits()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    BOOST_TEST(rows_of(*copy).empty());
    copy.reset();
    importing.join();
    BOOST_TEST(database.value("SELECT count(*) FROM record.trials") == "1");
}

BOOST_AUTO_TEST_CASE(the_cursor_of_a_picture_is_where_the_feed_stood) {
    Database const database;
    auto const collection = tests::make_trials(database);
    database.sql("INSERT INTO record.trials (name) VALUES ('before')");
    CopyOut const copy{database.uri(), collection};
    database.sql("INSERT INTO record.trials (name) VALUES ('after')");
    data::postgis::Pool pool{database.options(data::postgis::Role::feed)};
    auto const later =
        data::postgis::ChangeFeed{pool}.after({copy.cursor_generation(), copy.cursor_seq()}, 10);
    BOOST_REQUIRE(later.has_value());
    BOOST_TEST(later->size() == 1U);
    BOOST_TEST(rows_of(copy).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_policy_holds_in_copy_too) {
    Database const database;
    auto const collection = tests::make_trials(database);
    auto rows = tests::trials(10);
    rows[0].sensitivity = 5;
    rows[1].scope = "odd \"'\\ scope";
    tests::put(database, collection, rows);
    auto const seen = [&](geo::Policy const& policy) {
        return rows_of(CopyOut{database.uri(), collection, Fields::tile, policy}).size();
    };
    BOOST_TEST(seen(geo::Policy::everything()) == 10U);
    BOOST_TEST(seen(geo::Policy::everything(4)) == 9U);
    BOOST_TEST(seen(geo::Policy::limited({"north"}, 5)) == 5U);
    BOOST_TEST(seen(geo::Policy::limited({"north"}, 4)) == 4U);
    BOOST_TEST(seen(geo::Policy::limited({"odd \"'\\ scope"}, 0)) == 1U);
    BOOST_TEST(seen(geo::Policy::limited({}, 255)) == 0U);
    CopyOut const masked{database.uri(), collection, Fields::tile,
                         geo::Policy::limited({"north"}, 5, {"amount"})};
    BOOST_TEST(masked.fields().size() == 5U);
}

BOOST_AUTO_TEST_CASE(an_empty_collection_has_no_rows_in_any_part) {
    Database const database;
    CopyOut const copy{database.uri(), database.collection("reports")};
    BOOST_TEST(rows_of(copy, 4).empty());
}

BOOST_AUTO_TEST_SUITE_END()
