// The browser as a service of its own: who connects is given one, led through the socket.

#include "services/print/picture_service.hpp"

#include "geo/error.hpp"
#include "services/print/browser_line.hpp"

#include <boost/test/unit_test.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace diaban {

namespace {

using services::print::BrowserLine;

/// A service whose browser is a script: it says how it was started, or waits.
class Room {
public:
    explicit Room(std::string const& script) {
        std::filesystem::create_directories(m_folder);
        std::ofstream{program()} << "#!/bin/sh\n" << script << "\n";
        std::filesystem::permissions(program(), std::filesystem::perms::owner_all);
        int const listening = services::print::listen_at(socket());
        m_serving = std::jthread{[this, listening](std::stop_token const& stopped) {
            services::print::serve_browsers(listening, {program(), true}, stopped);
        }};
    }
    ~Room() {
        m_serving.request_stop();
        m_serving.join();
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
    }
    Room(Room const&) = delete;
    Room& operator=(Room const&) = delete;
    [[nodiscard]] std::filesystem::path socket() const { return m_folder / "socket"; }
    [[nodiscard]] std::unique_ptr<BrowserLine> open(std::string const& origin) const {
        return services::print::open_line("unix:" + socket().string(), origin);
    }

private:
    [[nodiscard]] std::filesystem::path program() const { return m_folder / "browser"; }

    std::filesystem::path m_folder =
        std::filesystem::temp_directory_path() / ("diaban-pictures-" + std::to_string(::getpid()));
    std::jthread m_serving;
};

/// What comes until the other side closes, or five seconds are over.
std::string all_from(int number) {
    std::string text;
    char part[4096];
    for (;;) {
        ::pollfd watched{number, POLLIN, 0};
        if (::poll(&watched, 1, 5000) <= 0) return text + " (late)";
        auto const got = ::read(number, part, sizeof part);
        if (got <= 0) return text;
        text.append(part, static_cast<std::size_t>(got));
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(picture_service)

BOOST_AUTO_TEST_CASE(who_connects_leads_a_browser_that_reaches_what_they_named) {
    Room const room{R"(read -r word <&3; printf '%s|%s|%s' "$word" "$*" "$DIABAN_DATABASE" >&4)"};
    auto const line = room.open("http://127.0.0.1:8080");
    std::string_view const word = "ping\n";
    BOOST_TEST(::write(line->commands(), word.data(), word.size()) == 5);
    auto const said = all_from(line->answers());
    BOOST_TEST(said.starts_with("ping|"));
    BOOST_TEST(said.find("--remote-debugging-pipe") != std::string::npos);
    BOOST_TEST(said.find("EXCLUDE 127.0.0.1 ") != std::string::npos);
    BOOST_TEST(said.ends_with("|")); // it knows nothing of our environment
}

BOOST_AUTO_TEST_CASE(a_third_is_turned_away_and_a_place_is_free_when_one_leaves) {
    Room const room{"exec sleep 60"};
    auto first = room.open("http://127.0.0.1:1");
    auto const second = room.open("http://127.0.0.1:1");
    // Whoever is turned away may learn of it before the name of the origin is taken.
    auto const is_served = [&] {
        try {
            auto const one = room.open("http://127.0.0.1:1");
            ::pollfd watched{one->answers(), POLLIN, 0};
            if (::poll(&watched, 1, 300) == 0) return true;
            BOOST_TEST(all_from(one->answers()).empty());
        } catch (geo::Error const& error) {
            BOOST_TEST(std::string_view{error.type()} == "no-browser");
        }
        return false;
    };
    BOOST_TEST(!is_served());
    first.reset();
    int tries = 50; // until it was seen to have gone
    while (!is_served() && --tries > 0) std::this_thread::sleep_for(std::chrono::milliseconds{100});
    BOOST_TEST(tries > 0);
}

BOOST_AUTO_TEST_CASE(who_names_no_origin_is_given_no_browser) {
    using services::print::is_origin;
    for (auto const* const good :
         {"http://127.0.0.1:8080", "http://[::1]:80", "http://node-1:8080"})
        BOOST_TEST(is_origin(good), good);
    for (auto const* const bad :
         {"", "http://", "http://:80", "http://a", "http://a:", "http://a:x", "https://a:1",
          "http://a:123456", "file:///etc/passwd:1", "http://a b:1", "http://a,EXCLUDE b:1",
          "http://a/b:1"})
        BOOST_TEST(!is_origin(bad), bad);
    Room const room{"printf started >&4"};
    BOOST_TEST(all_from(room.open("http://a,EXCLUDE b:1")->answers()).empty());
}

BOOST_AUTO_TEST_CASE(where_nobody_listens_there_is_no_browser) {
    for (std::string const& path : {std::string{"/nowhere/socket"}, std::string(200, 'x')})
        BOOST_CHECK_EXCEPTION(
            services::print::open_line("unix:" + path, "http://127.0.0.1:1"), geo::Error,
            [](geo::Error const& error) { return std::string_view{error.type()} == "no-browser"; });
}

BOOST_AUTO_TEST_CASE(the_socket_is_for_its_owner_and_group_and_replaces_one_that_was_left) {
    Room const room{"exit 0"};
    struct ::stat seen {};
    BOOST_TEST(::stat(room.socket().c_str(), &seen) == 0);
    BOOST_TEST((seen.st_mode & 0777U) == 0660U);
    ::close(services::print::listen_at(room.socket()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace diaban
