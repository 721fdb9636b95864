#include "data/postgis/migrate.hpp"

#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <fstream>
#include <thread>

using namespace diaban;
using tests::Database;
using tests::throws;

namespace {

/// A folder of migrations of its own, removed at the end.
class Folder {
public:
    Folder()
        : m_path{std::filesystem::temp_directory_path() /
                 ("diaban_migrations_" + std::to_string(::getpid()))} {
        std::filesystem::create_directory(m_path);
    }
    ~Folder() { std::filesystem::remove_all(m_path); }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    void write(std::string const& name, std::string const& text) const {
        std::ofstream{m_path / name} << text;
    }
    [[nodiscard]] std::filesystem::path const& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

constexpr char const* first = R"(
DO $$ BEGIN CREATE ROLE diaban_owner; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE SCHEMA diaban AUTHORIZATION diaban_owner;
SET LOCAL ROLE diaban_owner;
CREATE TABLE diaban.migration (number integer, name text, sha256 text);
)";

} // namespace

BOOST_AUTO_TEST_SUITE(migrations)

BOOST_AUTO_TEST_CASE(the_projects_migrations_run_once_and_a_second_run_does_nothing) {
    Database const database{Database::Kind::empty};
    auto const applied = data::postgis::migrate(database.uri(), tests::migrations());
    BOOST_TEST(applied.size() == data::postgis::list_migrations(tests::migrations()).size());
    BOOST_TEST(applied.front().number == 1);
    BOOST_TEST(data::postgis::migrate(database.uri(), tests::migrations()).empty());
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.migration") ==
               std::to_string(applied.size()));
}

BOOST_AUTO_TEST_CASE(two_databases_of_one_cluster_migrate_at_once_and_two_programs_take_turns) {
    Database const one{Database::Kind::empty};
    Database const other{Database::Kind::empty};
    std::vector<std::thread> threads;
    std::atomic<int> failed{0};
    for (auto const* database : {&one, &one, &other, &other})
        threads.emplace_back([database, &failed] {
            try {
                data::postgis::migrate(database->uri(), tests::migrations());
            } catch (geo::Error const& error) {
                BOOST_TEST_MESSAGE(error.what());
                ++failed;
            }
        });
    for (auto& thread : threads) thread.join();
    BOOST_TEST(failed == 0);
    BOOST_TEST(one.value("SELECT count(*) FROM diaban.migration") ==
               other.value("SELECT count(*) FROM diaban.migration"));
}

BOOST_AUTO_TEST_CASE(an_applied_file_that_changed_is_refused_and_nothing_runs) {
    Database const database{Database::Kind::empty};
    Folder const folder;
    folder.write("0001_first.sql", first);
    data::postgis::migrate(database.uri(), folder.path());
    folder.write("0001_first.sql", std::string{first} + "-- changed");
    folder.write("0002_second.sql", "CREATE TABLE diaban.second ()");
    BOOST_TEST(throws("migration-changed",
                      [&] { data::postgis::migrate(database.uri(), folder.path()); }));
    BOOST_TEST(database.value("SELECT to_regclass('diaban.second')").empty());
}

BOOST_AUTO_TEST_CASE(a_database_that_knows_later_migrations_is_refused) {
    Database const database{Database::Kind::empty};
    Folder const folder;
    folder.write("0001_first.sql", first);
    folder.write("0002_second.sql", "CREATE TABLE diaban.second ()");
    data::postgis::migrate(database.uri(), folder.path());
    std::filesystem::remove(folder.path() / "0002_second.sql");
    BOOST_TEST(
        throws("database-newer", [&] { data::postgis::migrate(database.uri(), folder.path()); }));
}

BOOST_AUTO_TEST_CASE(a_migration_that_fails_leaves_nothing_of_itself_and_all_before_it) {
    Database const database{Database::Kind::empty};
    Folder const folder;
    folder.write("0001_first.sql", first);
    folder.write("0002_second.sql", "CREATE TABLE diaban.second (); SELECT 1 / 0");
    BOOST_TEST(
        throws("migration-failed", [&] { data::postgis::migrate(database.uri(), folder.path()); }));
    BOOST_TEST(database.value("SELECT to_regclass('diaban.second')").empty());
    folder.write("0002_second.sql", "CREATE TABLE diaban.second ()");
    BOOST_TEST(data::postgis::migrate(database.uri(), folder.path()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_folder_with_a_gap_or_a_strange_name_is_refused) {
    Folder const folder;
    BOOST_TEST(throws("bad-migrations", [&] { data::postgis::list_migrations(folder.path()); }));
    folder.write("0002_second.sql", "");
    BOOST_TEST(throws("bad-migrations", [&] { data::postgis::list_migrations(folder.path()); }));
    folder.write("0001_first.sql", "");
    BOOST_TEST(data::postgis::list_migrations(folder.path()).size() == 2U);
    folder.write("third.sql", "");
    BOOST_TEST(throws("bad-migrations", [&] { data::postgis::list_migrations(folder.path()); }));
}

BOOST_AUTO_TEST_SUITE_END()
