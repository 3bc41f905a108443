// In this form the names are known to ES modules too.
exports.output = require("./pulumi").output;
exports.interpolate = require("./pulumi").interpolate;
exports.getStack = require("./pulumi").getStack;
exports.ComponentResource = require("./pulumi").ComponentResource;
exports.Config = require("./pulumi").Config;
