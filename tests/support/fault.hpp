#pragma once

#include "geo/error.hpp"

#include <string>

namespace diaban::tests {

/// The type of the error that `work` ends with; empty if it ends well.
template <typename Work>
std::string fault(Work&& work) {
    try {
        work();
    } catch (geo::Error const& error) {
        return error.type();
    }
    return {};
}

} // namespace diaban::tests
