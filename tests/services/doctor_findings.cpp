// What the doctor says: of a record and a machine that are well, and of one fault at a time.

#include "services/doctor/examination.hpp"
#include "services/doctor/files.hpp"
#include "services/server.hpp"
#include "tests/support/database.hpp"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <regex>
#include <set>

namespace doctor = diaban::services::doctor;
namespace fs = std::filesystem;
using diaban::services::Settings;
using diaban::tests::Database;
using doctor::Level;

namespace {

/// Made by `openssl req -x509` for this test; ends 2036-11-25.
constexpr char const* certificate = R"(-----BEGIN CERTIFICATE-----
MIIBgDCCASegAwIBAgIUIps+jeLZ6seFelBHEtr/DjvPQbEwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLZG9jdG9yLnRlc3QwHhcNMjYxMTI4MDc1NzU0WhcNMzYxMTI1
MDc1NzU0WjAWMRQwEgYDVQQDDAtkb2N0b3IudGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABOaEVVp1t86nADD2IAPAFz2efITv/J206JG0CP4uGxhXwGtqEXsz
Yjaz047MXC9OwguRrABxz9zodbc57X0g3LWjUzBRMB0GA1UdDgQWBBRfN88Rk/Rh
ZbiND0c9bz+1iRBOODAfBgNVHSMEGDAWgBRfN88Rk/RhZbiND0c9bz+1iRBOODAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIBBDiLJ5OwFPH1/4i3JT
sWON5N5evMEzB+kh0NJZurnQAiAhi0WXsL9nDH/FLC34K+/8Ic8SF71cYCAA2wuv
lL3c+Q==
-----END CERTIFICATE-----
)";
constexpr std::int64_t certificate_end = 2'111'212'800; // the midnight after, in seconds
constexpr std::int64_t day = 86'400;
constexpr std::int64_t million = 1'000'000;

/// A port of loopback that somebody holds, and answers nothing on, until `free`.
class HeldPort {
public:
    HeldPort() : m_socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof where;
        auto* const address = reinterpret_cast<sockaddr*>(&where);
        BOOST_REQUIRE(::bind(m_socket, address, length) == 0);
        BOOST_REQUIRE(::listen(m_socket, 0) == 0);
        BOOST_REQUIRE(::getsockname(m_socket, address, &length) == 0);
        m_number = ntohs(where.sin_port);
    }
    ~HeldPort() { free(); }
    HeldPort(HeldPort const&) = delete;
    HeldPort& operator=(HeldPort const&) = delete;
    void free() {
        if (m_socket >= 0) ::close(m_socket);
        m_socket = -1;
    }
    [[nodiscard]] std::uint16_t number() const { return m_number; }

private:
    int m_socket;
    std::uint16_t m_number = 0;
};

/// A machine that is well: folders of its own, two free ports, a database.
struct Patient {
    explicit Patient(Database::Kind kind = Database::Kind::migrated) : database{kind} {
        fs::create_directories(folder / "console");
        std::ofstream{folder / "console" / "index.html"} << "<!doctype html>";
        fs::create_directories(folder / "segments");
        HeldPort one;
        HeldPort other;
        settings.database = database.uri();
        settings.home = DIABAN_SOURCES;
        settings.console = folder / "console";
        settings.blobs = folder / "blobs";
        settings.segments = folder / "segments";
        settings.port = one.number();
        settings.live_port = other.number();
        settings.live_connections = 100; // no machine lacks the descriptors for them
        diaban::services::complete(settings);
    }
    ~Patient() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    Patient(Patient const&) = delete;
    Patient& operator=(Patient const&) = delete;

    [[nodiscard]] doctor::Findings examine() const {
        return doctor::examine(settings, surroundings);
    }
    /// Codes of what is not well, with their levels: `warn clock-skew`.
    [[nodiscard]] std::set<std::string> faults() const {
        std::set<std::string> codes;
        for (auto const& finding : examine())
            if (finding.level != Level::ok)
                codes.insert(std::string{doctor::to_string(finding.level)} + " " + finding.code);
        return codes;
    }
    /// Whether exactly that is not well.
    [[nodiscard]] bool only(std::string const& fault) const {
        auto const found = faults();
        for (auto const& code : found) BOOST_TEST_MESSAGE("found: " << code);
        return found == std::set{fault};
    }
    /// A file that is `age` old, under the name of its would-be content.
    void put(std::string const& name, std::string const& text, std::chrono::hours age) const {
        auto const file = settings.blobs / name.substr(0, 2) / name;
        fs::create_directories(file.parent_path());
        std::ofstream{file} << text;
        fs::last_write_time(file, fs::file_time_type::clock::now() - age);
    }

    Database database;
    fs::path folder{fs::temp_directory_path() / ("diaban-doctor-" + std::to_string(::getpid()))};
    Settings settings;
    doctor::Surroundings surroundings = doctor::machine();
};

/// The machine's clock, moved.
std::function<diaban::geo::Instant()> clock_ahead_by(std::int64_t seconds) {
    return [now = doctor::machine().now, seconds] {
        return diaban::geo::Instant{now().microseconds + seconds * million};
    };
}

/// What `diaban doctor` prints and its exit code, for a patient.
std::pair<std::string, int> run_doctor(Patient const& patient, std::string const& flags) {
    auto const command =
        "LANG=en_US.UTF-8 " + std::string{DIABAN_PROGRAM} + " doctor --database \"" +
        patient.settings.database + "\" --home \"" + patient.settings.home.string() +
        "\" --console " + patient.settings.console.string() + " --blobs " +
        patient.settings.blobs.string() + " --segments " + patient.settings.segments.string() +
        " --port " + std::to_string(patient.settings.port) + " --live-port " +
        std::to_string(patient.settings.live_port) + " --live-connections " +
        std::to_string(patient.settings.live_connections) + " " + flags + " 2>&1";
    auto* const pipe = ::popen(command.c_str(), "re");
    BOOST_REQUIRE(pipe != nullptr);
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    int const status = ::pclose(pipe);
    return {text, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

std::set<std::string> places_in(std::string_view pattern) {
    std::string const text{pattern};
    std::regex const place{R"(\{([a-z_]+)\})"};
    std::set<std::string> names;
    for (auto it = std::sregex_iterator{text.begin(), text.end(), place};
         it != std::sregex_iterator{}; ++it)
        names.insert((*it)[1]);
    return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(doctor_findings)

BOOST_AUTO_TEST_CASE(where_all_is_well_every_check_says_so_and_the_exit_code_tells_how_bad_it_is) {
    Patient patient;
    for (auto const& finding : patient.examine())
        BOOST_TEST((finding.level == Level::ok),
                   finding.check << ": " << doctor::found(finding, {}) << " " << finding.detail);
    std::set<std::string> checks;
    for (auto const& finding : patient.examine()) checks.insert(finding.check);
    for (auto const* check :
         {"database", "time-zone", "clock", "extensions", "migrations", "roles", "vn-2000", "feed",
          "blobs", "coordinates", "styles", "console", "blobs-folder", "segments-folder",
          "segments", "port", "live-port", "descriptors"})
        BOOST_TEST(checks.contains(check), check);
    auto const [lines, well] = run_doctor(patient, "");
    BOOST_TEST(well == 0, lines);
    BOOST_TEST(lines.find("PostgreSQL 15") != std::string::npos, lines);

    fs::remove(patient.settings.console / "index.html");
    auto const [json, warned] = run_doctor(patient, "--json --lang vi");
    BOOST_TEST(warned == 1, json);
    auto const told = nlohmann::json::parse(json);
    BOOST_TEST(told["level"] == "warn");
    auto const it = std::ranges::find_if(
        told["checks"], [](auto const& check) { return check["check"] == "console"; });
    BOOST_REQUIRE((it != told["checks"].end()));
    BOOST_TEST((*it)["code"] == "folder-incomplete");
    BOOST_TEST((*it)["remedy"].get<std::string>().starts_with("Cài lại diaban"));

    patient.database.sql("DROP EXTENSION pg_trgm CASCADE");
    auto const [fault, failed] = run_doctor(patient, "");
    BOOST_TEST(failed == 2, fault);
    BOOST_TEST(fault.find("fail  extensions") != std::string::npos, fault);
    BOOST_TEST(fault.find("CREATE EXTENSION pg_trgm") != std::string::npos, fault);
    BOOST_TEST(std::ranges::count(fault, '\n') == std::ranges::count(lines, '\n') + 1);
}

BOOST_AUTO_TEST_CASE(a_new_database_is_told_to_migrate_and_lacks_its_extensions) {
    Patient const patient{Database::Kind::empty};
    BOOST_TEST((patient.faults() ==
                std::set<std::string>{"fail extension-missing", "fail migrations-none"}));
}

BOOST_AUTO_TEST_CASE(a_database_that_cannot_be_reached_is_one_fault_and_the_machine_is_looked_at) {
    Patient patient;
    patient.settings.database = "postgresql:///none?host=" + patient.folder.string();
    BOOST_TEST(patient.only("fail database-down"));
    patient.settings.database = "postgresql://x?no_such_word=1";
    BOOST_TEST(patient.only("fail bad-database-uri"));
}

BOOST_AUTO_TEST_CASE(migrations_behind_ahead_and_other_than_the_programs_are_told_apart) {
    Patient const patient;
    auto const& database = patient.database;
    database.sql("CREATE TABLE public.kept AS SELECT * FROM diaban.migration");
    database.sql("UPDATE diaban.migration SET sha256 = 'x' WHERE number = 3");
    BOOST_TEST(patient.only("fail migration-differs"));
    database.sql("DELETE FROM diaban.migration; INSERT INTO diaban.migration SELECT * FROM kept "
                 "WHERE number < (SELECT max(number) FROM kept)");
    BOOST_TEST(patient.only("fail migrations-behind"));
    database.sql("DELETE FROM diaban.migration; INSERT INTO diaban.migration SELECT * FROM kept; "
                 "INSERT INTO diaban.migration (number, name, sha256) VALUES (9999, 'later', 'y')");
    BOOST_TEST(patient.only("fail migrations-ahead"));
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_off_is_a_warning_and_beyond_a_lease_a_fault) {
    Patient patient;
    patient.surroundings.now = clock_ahead_by(8);
    BOOST_TEST(patient.only("warn clock-skew"));
    auto const findings = patient.examine();
    auto const it = std::ranges::find(findings, "clock-skew", &doctor::Finding::code);
    BOOST_REQUIRE((it != findings.end()));
    BOOST_TEST(it->parameters.at(0).second.starts_with("-8.")); // the database is behind us
    patient.surroundings.now = clock_ahead_by(-60);
    BOOST_TEST(patient.only("fail clock-skew"));
}

BOOST_AUTO_TEST_CASE(roles_that_lack_a_right_are_named) {
    Patient patient;
    auto const& database = patient.database;
    database.sql("REVOKE SELECT ON record.places FROM diaban_serve");
    BOOST_TEST(patient.only("fail serve-cannot-read"));
    database.sql("GRANT SELECT ON record.places TO diaban_serve; ALTER FUNCTION "
                 "public.geometry_overlaps(public.geometry, public.geometry) NOT LEAKPROOF");
    BOOST_TEST(patient.only("warn not-leakproof"));

    // Roles are the cluster's: this login is gone with the test.
    auto const login = "doctor_" + std::to_string(::getpid());
    database.sql("CREATE ROLE " + login + " LOGIN");
    patient.settings.database += " user='" + login + "'";
    BOOST_TEST((patient.faults() == std::set<std::string>{"fail database", "fail roles-closed"}));
    database.sql("GRANT diaban_owner TO " + login);
    BOOST_TEST(patient.only("fail roles-closed"));
    database.sql("DROP ROLE " + login);
}

BOOST_AUTO_TEST_CASE(systems_of_vn_2000_that_postgis_lost_are_counted) {
    Patient const patient;
    patient.database.sql("DELETE FROM public.spatial_ref_sys WHERE srid = 9209");
    BOOST_TEST(patient.only("fail systems-missing"));
}

BOOST_AUTO_TEST_CASE(a_feed_that_nobody_trims_or_follows_is_named) {
    Patient const patient;
    auto const& database = patient.database;
    database.sql("INSERT INTO diaban.change (seq, collection, operation, at, fid, new_version, "
                 "new_scope, new_sensitivity) VALUES (diaban.next_change(), 'places', 'insert', "
                 "now() - interval '8 days', 1, 1, '', 0)");
    BOOST_TEST(patient.only("warn feed-untrimmed"));
    database.sql("UPDATE diaban.change SET at = now() - interval '2 minutes'; "
                 "UPDATE alert.judge SET seq = 0, generation = (SELECT generation FROM "
                 "diaban.instance)");
    BOOST_TEST(patient.only("warn feed-behind"));
    database.sql("UPDATE alert.judge SET seq = diaban.feed_head()");
    BOOST_TEST(patient.faults().empty());
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_closed_or_full_is_named) {
    Patient patient;
    patient.settings.blobs = "/proc/blobs"; // closed to root as well
    BOOST_TEST(patient.only("fail folder-closed"));
    patient.settings.blobs = patient.folder / "not" / "there" / "yet";
    BOOST_TEST(patient.faults().empty());
    BOOST_TEST(!fs::exists(patient.folder / "not"));
    auto const mebibyte = std::uint64_t{1} << 20U;
    patient.surroundings.room = [&](fs::path const&) {
        return doctor::Room{50 * mebibyte, 1000 * mebibyte};
    };
    BOOST_TEST(patient.only("fail folder-full"));
    patient.surroundings.room = [&](fs::path const&) {
        return doctor::Room{500 * mebibyte, 1000 * mebibyte};
    };
    BOOST_TEST(patient.only("warn room-scarce"));
}

BOOST_AUTO_TEST_CASE(rows_without_their_file_and_old_files_without_a_row_are_named) {
    using namespace std::chrono_literals;
    Patient const patient;
    std::string const owned(64, 'a');
    std::string const orphan(64, 'b');
    patient.put(owned, "twelve bytes", 100h);
    patient.put(orphan, "on its way", 1h);
    patient.database.sql("INSERT INTO diaban.blob (sha256, size, media_type) VALUES ('" + owned +
                         "', 12, 'text/plain')");
    BOOST_TEST(patient.faults().empty()); // what is young may get its row yet
    patient.put(orphan, "left behind", 100h);
    BOOST_TEST(patient.only("warn blobs-orphaned"));
    fs::remove(patient.settings.blobs / "bb" / orphan);
    patient.put(owned, "cut", 100h);
    BOOST_TEST(patient.only("fail blobs-cut"));
    fs::remove(patient.settings.blobs / "aa" / owned);
    BOOST_TEST(patient.only("fail blobs-absent"));
}

BOOST_AUTO_TEST_CASE(a_segment_of_another_user_is_named) {
    Patient const patient;
    auto const file = patient.settings.segments / "places.segment";
    std::ofstream{file} << "x";
    BOOST_TEST(patient.faults().empty());
    if (::chown(file.c_str(), 65534, 65534) == 0) // root alone may give files away
        BOOST_TEST(patient.only("warn segment-of-another"));
}

BOOST_AUTO_TEST_CASE(a_port_is_free_ours_or_taken_by_another) {
    Patient patient;
    {
        HeldPort const held;
        patient.settings.live_port = held.number();
        BOOST_TEST(patient.only("fail port-taken"));
    }
    auto settings = patient.settings;
    settings.port = 0;
    settings.live_port = 0;
    settings.edge_threads = 8;
    settings.job_slots = 0;
    diaban::services::Server server{settings};
    server.start();
    BOOST_REQUIRE(server.atlas().wait_until_ready(std::chrono::seconds{60}));
    patient.settings.port = server.port();
    patient.settings.live_port = server.live_port();
    std::set<std::string> codes;
    for (auto const& finding : patient.examine())
        if (finding.level == Level::ok) codes.insert(finding.code);
    BOOST_TEST(codes.contains("port-served"));
    BOOST_TEST(codes.contains("port-live"));
    BOOST_TEST(codes.contains("segments-held"));
    patient.settings.listen = "203.0.113.7"; // of RFC 5737: nobody's
    BOOST_TEST(patient.only("fail address-absent"));
}

BOOST_AUTO_TEST_CASE(certificates_that_the_database_uri_names_are_looked_at) {
    auto const folder =
        fs::temp_directory_path() / ("diaban-certificates-" + std::to_string(::getpid()));
    fs::create_directory(folder);
    std::ofstream{folder / "root.pem"} << certificate;
    std::ofstream{folder / "key.pem"} << "secret";
    fs::permissions(folder / "key.pem", fs::perms::owner_read | fs::perms::others_read);
    Settings settings;
    auto const codes_at = [&](std::int64_t seconds) {
        doctor::Surroundings const surroundings{
            .now = [seconds] { return diaban::geo::Instant{seconds * million}; }, .room = {}};
        std::string codes;
        for (auto const& finding : doctor::examine_certificates(settings, surroundings))
            codes += std::string{doctor::to_string(finding.level)} + " " + finding.code + ";";
        return codes;
    };
    settings.database = "dbname=x sslrootcert=" + (folder / "root.pem").string();
    BOOST_TEST(codes_at(certificate_end - 90 * day) == "ok certificate;");
    BOOST_TEST(codes_at(certificate_end - 10 * day) == "warn certificate-ends;");
    BOOST_TEST(codes_at(certificate_end) == "fail certificate-expired;");
    settings.database = "dbname=x sslrootcert=/no/such.pem";
    BOOST_TEST(codes_at(0) == "fail certificate-unreadable;");
    settings.database = "dbname=x sslrootcert=" + (folder / "key.pem").string();
    BOOST_TEST(codes_at(0) == "fail certificate-malformed;");
    settings.database = "dbname=x sslkey=" + (folder / "key.pem").string();
    BOOST_TEST(codes_at(0) == "fail key-open;");
    fs::permissions(folder / "key.pem", fs::perms::owner_read);
    BOOST_TEST(codes_at(0) == "ok key;");
    settings.database = "dbname=x sslrootcert=system";
    BOOST_TEST(codes_at(0) == "");
    fs::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(descriptors_that_do_not_suffice_for_the_live_clients_are_named) {
    Patient patient;
    patient.settings.live_connections = 4'000'000'000; // more than a process may open
    BOOST_TEST(patient.only("warn descriptors-few"));
}

BOOST_AUTO_TEST_CASE(both_languages_of_every_finding_name_the_same_and_what_is_wrong_has_a_remedy) {
    std::string previous;
    for (auto const& words : doctor::words()) {
        std::string const code{words.code};
        BOOST_TEST((previous < code), code);
        previous = code;
        BOOST_TEST(!words.found_vi.empty(), code);
        BOOST_TEST((places_in(words.found_vi) == places_in(words.found_en)), code);
        BOOST_TEST((places_in(words.remedy_vi) == places_in(words.remedy_en)), code);
        BOOST_TEST(words.remedy_vi.empty() == words.remedy_en.empty(), code);
    }
}

BOOST_AUTO_TEST_SUITE_END()
