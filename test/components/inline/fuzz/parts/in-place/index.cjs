// In this form the names are known to ES modules too.
exports.Depot = require("./depot").Depot;
exports.Line = require("./line").Line;
