// Files that only look like field packs: each is refused with a sentence, whatever it does, and
// neither the server nor the record is any different afterwards.

#include "tests/services/pack_office.hpp"
#include "tests/support/seed.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>

using namespace diaban;
using nlohmann::json;
using tests::PackOffice;
using tests::PackOnPhone;

namespace {

/// An office, a pack of its one case with a finding filled in, and what may be answered to it.
struct FilledPack {
    PackOffice office;
    std::int64_t fid = office.opens();
    std::string bytes = filled();

    std::string filled() const {
        PackOnPhone const phone{office.takes("an")};
        phone.inspects(fid, "Nhà cấp 4");
        return phone.bytes();
    }
    /// Refused with a sentence of the catalogue.
    void refused(std::string const& sent, std::string const& what, int status = 400) const {
        auto const answer = office.sends("an", sent);
        BOOST_TEST(answer.status == status, what << ": " << answer.status << " " << answer.body);
        BOOST_TEST(json::accept(answer.body), what << ": " << answer.body);
        BOOST_TEST(answer.body.find("internal") == std::string::npos, what << ": " << answer.body);
    }
    void nothing_happened() const { BOOST_TEST(office.one(fid)["state"] == "assigned"); }
    [[nodiscard]] std::string changed_by(std::vector<std::string> const& statements) const {
        PackOnPhone const phone{bytes};
        for (auto const& statement : statements) phone.sql(statement);
        return phone.bytes();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(hostile_packs)

BOOST_AUTO_TEST_CASE(what_is_no_pack_or_half_of_one_is_refused_with_the_reason) {
    FilledPack const pack;
    pack.refused("", "nothing");
    pack.refused("Biên bản kiểm tra thực địa", "a text");
    pack.refused(std::string(100'000, 'x'), "a long text");
    pack.refused(pack.bytes.substr(0, 50), "half a header");
    for (int part = 1; part < 8; ++part) {
        auto const cut = pack.bytes.substr(0, pack.bytes.size() * std::size_t(part) / 8);
        auto const answer = pack.office.sends("an", cut);
        BOOST_TEST((answer.status == 400 || answer.status == 422), part << ": " << answer.body);
    }
    auto other = pack.bytes;
    other.replace(68, 4, "XXXX");
    pack.refused(other, "another application's database");
    pack.refused(pack.changed_by({"DROP TABLE field_pack"}), "no name");
    pack.refused(pack.changed_by({"DELETE FROM field_pack"}), "an empty name");
    pack.refused(pack.changed_by({"INSERT INTO field_pack (id) VALUES ('x')"}), "two names");
    pack.refused(pack.changed_by({"UPDATE field_pack SET id = 'x'' OR true --'"}), "another's name",
                 404);
    pack.nothing_happened();
    BOOST_TEST(tests::request(pack.office.node->port(), "POST", "/land/packs",
                              pack.office.fields.at("an") + "Content-Type: text/plain\r\n",
                              pack.bytes)
                   .status == 415);
}

BOOST_AUTO_TEST_CASE(views_triggers_and_functions_of_a_file_do_nothing) {
    FilledPack const pack;
    auto const endless = std::string{"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
                                     "n) SELECT "};
    pack.refused(pack.changed_by({"ALTER TABLE cases RENAME TO kept",
                                  "CREATE VIEW cases AS " + endless + "i AS case_id FROM n"}),
                 "a view without end");
    pack.refused(pack.changed_by({"ALTER TABLE field_pack RENAME TO kept",
                                  "CREATE VIEW field_pack AS SELECT id FROM kept"}),
                 "a view of the name");
    pack.refused(pack.changed_by({"ALTER TABLE field_pack RENAME TO kept",
                                  "CREATE VIRTUAL TABLE field_pack USING fts5(id)",
                                  "INSERT INTO field_pack (id) VALUES ('x')"}),
                 "a virtual table");
    pack.refused(pack.changed_by({"ALTER TABLE cases ADD COLUMN bomb TEXT AS "
                                  "(hex(zeroblob(100000000))) VIRTUAL"}),
                 "a column that is computed");
    pack.nothing_happened();
    // A trigger on what is only read never fires: the pack is taken as if there were none.
    auto const answer = pack.office.sends(
        "an", pack.changed_by({"CREATE TRIGGER bomb AFTER UPDATE ON cases BEGIN " + endless +
                                   "max(i) FROM n; DELETE FROM cases; END",
                               "CREATE VIEW other AS " + endless + "i FROM n"}));
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(json::parse(answer.body)["taken"] == json::array({pack.fid}));
}

BOOST_AUTO_TEST_CASE(more_than_there_can_be_is_refused_by_its_bound) {
    FilledPack const pack;
    pack.refused(
        pack.changed_by({"INSERT INTO cases (field_key) WITH RECURSIVE n(i) AS (SELECT 1 "
                         "UNION ALL SELECT i + 1 FROM n WHERE i < 20001) SELECT i FROM n"}),
        "too many rows", 413);
    pack.refused(pack.changed_by({"INSERT INTO cases (field_key, reason, geom) WITH RECURSIVE n(i) "
                                  "AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 501) "
                                  "SELECT 'n' || i, 'x', (SELECT geom FROM cases WHERE case_id IS "
                                  "NOT NULL) FROM n"}),
                 "too many changes", 413);
    pack.refused(pack.changed_by({"UPDATE cases SET finding = hex(zeroblob(600000))"}),
                 "a text too long");
    pack.refused(pack.changed_by({"UPDATE cases SET finding = hex(zeroblob(1500))"}),
                 "a long finding", 422);
    auto claims = pack.bytes; // a billion pages, says the header
    claims.replace(28, 4, std::string{"\x3b\x9a\xca\x00", 4});
    auto const claimed = pack.office.sends("an", claims);
    BOOST_TEST((claimed.status == 400 || claimed.status == 200), claimed.body);
    auto const huge = tests::request(pack.office.node->port(), "POST", "/land/packs",
                                     pack.office.fields.at("an") +
                                         "Content-Type: application/geopackage+sqlite3\r\n",
                                     std::string(49U * 1024 * 1024, 'x'));
    BOOST_TEST(huge.status == 413, huge.body);
    auto const elsewhere = tests::request(pack.office.node->port(), "POST", "/land/cases",
                                          pack.office.fields.at("an") + tests::as_json,
                                          std::string(2U * 1024 * 1024, ' '));
    BOOST_TEST(elsewhere.status == 413, "the larger bound is of packs alone");
}

BOOST_AUTO_TEST_CASE(numbers_and_places_that_are_none_are_named) {
    FilledPack const pack;
    PackOnPhone const phone{pack.bytes};
    double const none = std::numeric_limits<double>::quiet_NaN();
    phone.adds("nan", none, none, "Không có vị trí");
    phone.adds("far", 1e300, 18.3, "Ngoài thế giới");
    phone.edits(pack.fid, [](OGRFeature& row) {
        row.SetField("error_m2", std::numeric_limits<double>::infinity());
    });
    phone.sql("UPDATE cases SET finding = x'00ff', answer_use = 7 WHERE case_id IS NOT NULL");
    phone.sql("UPDATE cases SET geom = x'4750' WHERE field_key = 'far'");
    auto const answer = pack.office.sends("an", phone.bytes());
    BOOST_TEST_REQUIRE(answer.status == 422, answer.body);
    for (auto const* const column : {"geom", "error_m2"})
        BOOST_TEST(answer.body.find(column) != std::string::npos, column << ": " << answer.body);
    pack.nothing_happened();
}

BOOST_AUTO_TEST_CASE(a_pack_with_flipped_bits_is_refused_or_taken_as_what_it_says) {
    FilledPack const pack;
    std::mt19937_64 random{tests::seed()};
    for (int turn = 0; turn < 50; ++turn) {
        auto bytes = pack.bytes;
        for (int flips = 1 + int(random() % 20); flips > 0; --flips)
            bytes[random() % bytes.size()] ^= static_cast<char>(1U << (random() % 8));
        auto const answer = pack.office.sends("an", bytes);
        BOOST_TEST((answer.status == 200 || answer.status == 400 || answer.status == 404 ||
                    answer.status == 413 || answer.status == 422),
                   "turn " << turn << ": " << answer.status << " " << answer.body);
        BOOST_TEST(json::accept(answer.body), "turn " << turn);
    }
    BOOST_TEST(pack.office.get("an", "/healthz").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
