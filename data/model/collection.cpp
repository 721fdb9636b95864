#include "data/model/collection.hpp"

#include <algorithm>

namespace diaban::data::model {

geo::Schema visible(geo::Schema const& schema, geo::Policy const& policy, Personal personal) {
    geo::Schema seen = schema;
    std::erase_if(seen.fields, [&](geo::Field const& field) {
        return !policy.sees_field(field.name) || (field.personal && personal == Personal::masked);
    });
    for (auto* named : {&seen.class_field, &seen.label_field, &seen.time_field})
        if (std::none_of(seen.fields.begin(), seen.fields.end(),
                         [&](geo::Field const& field) { return field.name == *named; }))
            named->clear();
    return seen;
}

} // namespace diaban::data::model
