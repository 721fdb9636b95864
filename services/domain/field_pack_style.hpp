#pragma once

#include "geo/schema.hpp"

#include <string>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// A column of a layer as its form shows it.
struct FormColumn {
    std::string name;
    std::string title;
    bool writable = false;
    bool long_text = false;
    std::string initial{};                                    ///< QGIS expression; empty: none
    std::vector<std::pair<std::string, std::string>> codes{}; ///< with what they are called
};

/// How one value of a class is drawn.
struct DrawnClass {
    std::string value;
    std::string title;
    std::string colour; ///< `#RRGGBB`
};

/// How a layer is drawn and filled in, as QGIS keeps it in `layer_styles` (QML).
struct LayerStyle {
    bool points = false;
    std::string colour;
    std::string class_column{}; ///< empty: all alike
    std::vector<DrawnClass> classes{};
    std::string label{}; ///< QGIS expression; empty: none
    std::vector<FormColumn> columns{};
};

[[nodiscard]] std::string qml_of(LayerStyle const& style);

} // namespace diaban::services::domain
