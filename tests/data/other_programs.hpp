#pragma once

#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

namespace diaban::tests {

/// Where files of a test lie that other programs read and write; gone with it.
struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("diaban_raster_" + std::to_string(::getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
};

/// Whether a program is there; where not, it says that the test is left out.
inline bool installed(std::string const& program, char const* test) {
    bool const found = std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
    if (!found) std::cout << "SKIPPED (" << program << " not installed): " << test << '\n';
    return found;
}

inline void run(std::string const& command) {
    BOOST_REQUIRE_MESSAGE(std::system((command + " >/dev/null 2>&1").c_str()) == 0, command);
}

} // namespace diaban::tests
