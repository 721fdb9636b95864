#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <string>

namespace diaban::tests {

/// What a command prints.
inline std::string printed(std::string const& command) {
    std::string text;
    auto* const pipe = popen(command.c_str(), "r");
    BOOST_REQUIRE(pipe != nullptr);
    char buffer[4096];
    for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
    BOOST_TEST(pclose(pipe) == 0, command);
    return text;
}

} // namespace diaban::tests
