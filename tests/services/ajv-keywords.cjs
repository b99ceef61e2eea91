// The keywords that editors read in the published schemas; ajv refuses what it has not been told of.
module.exports = (ajv) => {
  ajv.addVocabulary(["markdownDescription", "defaultSnippets"]);
  return ajv;
};
