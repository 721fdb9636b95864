#include "tests/support/database.hpp"

#include "data/blob/sha256.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/migrate.hpp"
#include "data/postgis/wire.hpp"

#include <pqxx/pqxx>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace diaban::tests {
namespace {

std::string server() {
    char const* uri = std::getenv("DIABAN_TEST_DATABASE");
    if (uri == nullptr)
        throw std::runtime_error{"DIABAN_TEST_DATABASE is not set: the URI of a superuser on a "
                                 "PostgreSQL cluster with PostGIS (./run test starts one)"};
    return data::postgis::connection_string(uri);
}

std::string uri_of(std::string const& name) {
    return data::postgis::connection_string(server() + " dbname='" + name + "'");
}

/// Names a state of the migrations.
std::string template_name() {
    std::string all;
    for (auto const& migration : data::postgis::list_migrations(migrations()))
        all += migration.sha256;
    auto const digest = data::blob::sha256(std::as_bytes(std::span{all}));
    return "diaban_template_" + data::blob::hex(digest).substr(0, 12);
}

bool exists(pqxx::nontransaction& sql, std::string const& name) {
    return !sql.exec_params("SELECT FROM pg_database WHERE datname = $1", name).empty();
}

/// Makes `name` as a copy of the migrated template, which is made first where it is not there.
/// Test programs take turns by an advisory lock of the server's own database.
void copy_template(std::string const& name) {
    pqxx::connection connection{server()};
    pqxx::nontransaction sql{connection};
    sql.exec("SELECT pg_advisory_lock(7263009)");
    auto const from = template_name();
    if (!exists(sql, from)) {
        sql.exec("CREATE DATABASE " + from + "_making");
        data::postgis::migrate(uri_of(from + "_making"), migrations());
        sql.exec("ALTER DATABASE " + from + "_making RENAME TO " + from);
    }
    sql.exec("CREATE DATABASE " + name + " TEMPLATE " + from +
             " STRATEGY file_copy"); // no WAL of it
}

std::string next_name() {
    static std::atomic<int> count{0};
    return "diaban_test_" + std::to_string(::getpid()) + "_" + std::to_string(count++);
}

} // namespace

std::filesystem::path migrations() {
    return DIABAN_MIGRATIONS;
}

Database::Database(Kind kind) : m_name{next_name()}, m_uri{uri_of(m_name)} {
    if (kind == Kind::migrated) {
        copy_template(m_name);
    } else {
        pqxx::connection connection{server()};
        pqxx::nontransaction{connection}.exec("CREATE DATABASE " + m_name);
    }
}

Database::~Database() {
    try {
        pqxx::connection connection{server()};
        pqxx::nontransaction{connection}.exec("DROP DATABASE " + m_name + " WITH (FORCE)");
    } catch (std::exception const& fault) {
        std::cerr << "left behind: " << m_name << ": " << fault.what() << '\n';
    }
}

data::postgis::PoolOptions Database::options(data::postgis::Role role) const {
    data::postgis::PoolOptions options;
    options.uri = m_uri;
    options.role = role;
    options.statement_timeout = std::chrono::seconds{30}; // other tests are busy beside this one
    return options;
}

data::model::Collection Database::collection(std::string const& id) const {
    data::postgis::Pool pool{options(data::postgis::Role::serve)};
    return data::postgis::Collections{pool}.get(id);
}

Database::Rows Database::sql(std::string const& statements) const {
    pqxx::connection connection{m_uri};
    pqxx::nontransaction sql{connection};
    Rows rows;
    for (auto const row : sql.exec(statements)) {
        auto& texts = rows.emplace_back();
        for (auto const field : row) texts.emplace_back(field.c_str(), field.size());
    }
    return rows;
}

void Database::refuse() const {
    pqxx::connection connection{server()};
    pqxx::nontransaction sql{connection};
    sql.exec("ALTER DATABASE " + m_name + " WITH ALLOW_CONNECTIONS false");
    sql.exec_params("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                    m_name);
}

void Database::accept() const {
    pqxx::connection connection{server()};
    pqxx::nontransaction{connection}.exec("ALTER DATABASE " + m_name +
                                          " WITH ALLOW_CONNECTIONS true");
}

std::string Database::value(std::string const& statement) const {
    return sql(statement).at(0).at(0);
}

std::optional<std::filesystem::path> real_data(std::string const& test, std::string const& file) {
    char const* folder = std::getenv("DIABAN_DATA");
    if (folder == nullptr || *folder == '\0') {
        std::cout << "SKIPPED (DIABAN_DATA not set): " << test << std::endl;
        return std::nullopt;
    }
    return std::filesystem::path{folder} / file;
}

} // namespace diaban::tests
