package project_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/project"
)

const (
	model       = "sections/GameSparks.Core.Model.json"
	requests    = "sections/GameSparks.Core.Requests.json"
	shapes      = `{"In": {"Structure": {"Fields": {}}}, "Out": {"Structure": {"Fields": {}}}}`
	greet       = `{"Greet": {"RequestShape": "In", "ResponseShape": "Out"}}`
	greetScript = handlers + "/Greet.js"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]map[string]string{
		"empty": nil,
		"all forms": {
			"game.json": `{"name": "a-B_1", "description": "Light.", "tags": {"team": "coast"},
				"stages": {"live": {"role": "arn:aws:iam::123456789012:role/r", "description": "Live.", "tags": {"k": ""}}}}`,
			model:    shapes,
			requests: greet,
			handlers + ".json": `{"Greet": {"Code": {"ScriptLanguage": "Javascript_ES5_1"}},
				"GameSparks.Identity.GetPlayerToken": {"Code": {"Script": "return null;", "ScriptLanguage": "Javascript_ES5_1"}}}`,
			// Scripts of the original service have these forms.
			greetScript:           "const a = message.Name;\r\nlet b = { a };\r\nif (a === null) {\r\n  return;\r\n}\r\nreturn [...b, `${a}`].map(x => x?.y ?? 1); // end",
			"sections/Other.json": "null",
		},
		"null sections": {model: "null", requests: "null", handlers + ".json": "null"},
	}
	for name, files := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := project.Validate(writeFiles(t, files)); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("starter", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := project.Init(dir, project.Starter("lighthouse")); err != nil {
			t.Fatal(err)
		}
		if err := project.Validate(dir); err != nil {
			t.Error(err)
		}
	})
}

func TestValidateErrors(t *testing.T) {
	t.Parallel()
	script := func(text string) map[string]string {
		return map[string]string{
			model: shapes, requests: greet,
			handlers + ".json": `{"Greet": {"Code": {"ScriptLanguage": "Javascript_ES5_1"}}}`,
			greetScript:        text,
		}
	}
	var tags []string
	for i := range 51 {
		tags = append(tags, fmt.Sprintf(`"%s": ""`, strings.Repeat("k", i+1)))
	}
	tests := map[string]struct {
		files map[string]string
		want  []string
	}{
		"names": {
			map[string]string{"game.json": `{
				"name": "light house",
				"description": " x",
				"stages": {
					"li/ve": {"role": "arn:aws:iam::1:role/r", "description": "x "},
					"beta": {"role": ""}
				}
			}`},
			[]string{
				"game.json:2:13: /name: value must match ",
				"game.json:3:20: /description: value must match ",
				"game.json:5:15: /stages/li~1ve: value must match ",
				"game.json:5:24: /stages/li~1ve/role: value must match ",
				"game.json:5:64: /stages/li~1ve/description: value must match ",
				"game.json:6:23: /stages/beta/role: the role is required: set the ARN of an IAM role such as arn:aws:iam::123456789012:role/NAME",
			},
		},
		"short role": {
			map[string]string{"game.json": `{"name": "x", "stages": {"live": {"role": "Lamp"}}}`},
			[]string{"game.json:1:43: /stages/live/role: length must be at least 20, is 4: set the ARN of an IAM role such as arn:aws:iam::123456789012:role/NAME"},
		},
		"stage without a role": {
			map[string]string{"game.json": `{"name": "x", "stages": {"live": {}}}`},
			[]string{"game.json:1:34: /stages/live/role: the role is required: set the ARN of an IAM role such as arn:aws:iam::"},
		},
		"tags": {
			map[string]string{"game.json": `{"name": "x", "tags": {"aws:x": "1", "k": "ü"}}`},
			[]string{"game.json:1:33: /tags/aws:x: value must match ", "game.json:1:43: /tags/k: value must match "},
		},
		"number of tags": {
			map[string]string{"game.json": `{"name": "x", "tags": {` + strings.Join(tags, ",") + `}}`},
			[]string{"game.json:1:23: /tags: length must be at most 50, is 51"},
		},
		"syntax and content": {
			map[string]string{"game.json": `{"name": "x y"}`, "sections/A.json": "{", requests: `{"Greet": 1}`},
			[]string{"game.json:1:10: /name: ", "sections/A.json:1:2: unexpected end", requests + ":1:11: /Greet: must be an object"},
		},
		"missing shapes": {
			map[string]string{
				model:    "{\n\"In\": {\"Structure\": {\"Fields\": {\"A\": {\"Shape\": \"Nope\", \"Cardinality\": \"Required\"}}}}}",
				requests: "{\"Greet\": {\"RequestShape\": \"In\",\n\"ResponseShape\": \"Out\"}}",
			},
			[]string{
				model + `:2:48: /In/Structure/Fields/A/Shape: unknown shape "Nope"`,
				requests + `:2:18: /Greet/ResponseShape: the model does not define a shape "Out"`,
			},
		},
		"model does not parse": {
			map[string]string{model: "{", requests: greet},
			[]string{model + ":1:2: unexpected end"},
		},
		"missing request": {
			map[string]string{handlers + ".json": `{"Greet": {"Code": {"Script": "", "ScriptLanguage": "Javascript_ES5_1"}}}`},
			[]string{handlers + `.json:1:11: /Greet: the game defines no request "Greet": add it to ` + requests},
		},
		"missing event": {
			map[string]string{"sections/GameSparks.Core.EventHandlers.json": `{"a/b": {"Code": {"Script": "", "ScriptLanguage": "Javascript_ES5_1"}}}`},
			[]string{`sections/GameSparks.Core.EventHandlers.json:1:9: /a~1b: the game defines no event "a/b"`},
		},
		"handler without a script": {
			map[string]string{model: shapes, requests: greet, handlers + ".json": `{"Greet": {"Code": {"ScriptLanguage": "Python"}}}`},
			[]string{
				handlers + `.json:1:20: /Greet/Code: Script is required`,
				handlers + `.json:1:39: /Greet/Code/ScriptLanguage: must be "Javascript_ES5_1"`,
			},
		},
		"script":                {script("let a;\r\nlet é = 'ö' b;\n"), []string{greetScript + ":2:13: the script does not parse: Unexpected identifier"}},
		"script, first line":    {script("let = = 1;"), []string{greetScript + ":1:"}},
		"script, cut":           {script("if (a) {\n"), []string{greetScript + ":2:"}},
		"script, extra brace":   {script("}); (function () {"), []string{greetScript + ":1:1: the script does not parse: it closes a brace"}},
		"script, second value":  {script("}, function () {"), []string{greetScript + ":1:1: the script does not parse: it closes a brace"}},
		"script, called":        {script("})(function () {"), []string{greetScript + ":1:1: the script does not parse: it closes a brace"}},
		"script, only brace":    {script("}"), []string{greetScript + ":"}},
		"script, line ends":     {script("a;\u2028b;\rc;\n  !"), []string{greetScript + ":2:"}},
		"script, source map":    {script("a b\n//# sourceMappingURL=file:///etc/passwd"), []string{greetScript + ":1:3: "}},
		"script, too long":      {script(strings.Repeat("ü", 8_001)), []string{greetScript + ":1:1: /Greet/Code/Script: must have at most 8000 characters"}},
		"script, template":      {script("return `${`;"), []string{greetScript + ":1:"}},
		"script, comment":       {script("/* a"), []string{greetScript + ":"}},
		"script, line comment":  {script("return 1; })//"), []string{greetScript + ":"}},
		"script, deeply nested": {script(strings.Repeat("(", 7_999)), []string{greetScript + ":"}},
		"several scripts": {
			map[string]string{
				model: shapes, requests: greet, handlers + ".json": `{"Greet": {"Code": {"ScriptLanguage": "Javascript_ES5_1"}}}`,
				greetScript: "a b", handlers + "/Leave.js": "a b",
			},
			[]string{greetScript + ":1:3: the script does not parse", handlers + `/Leave.js: ` + handlers + `.json has no handler "Leave"`},
		},
		"script, UTF-8": {script("\xff b b"), []string{greetScript + ":1:1: the script is not valid UTF-8"}},
		"inline script": {
			map[string]string{model: shapes, requests: greet, handlers + ".json": `{"Greet": {"Code": {"Script": "let a;\n a b", "ScriptLanguage": "Javascript_ES5_1"}}}`},
			[]string{handlers + `.json:1:31: /Greet/Code/Script: line 2, column 4: the script does not parse: `},
		},
		"size": {
			map[string]string{"sections/A.json": `"` + strings.Repeat("a", 600_000) + `"`, "sections/B.json": `"` + strings.Repeat("b", 500_000) + `"`},
			[]string{"sections: the configuration has 1100055 bytes, but the limit is 1024000: the largest section is A with 600002 bytes"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkProblems(t, project.Validate(writeFiles(t, tt.files)), tt.want)
		})
	}
}

// FuzzValidateScript checks that no script ends the process.
func FuzzValidateScript(f *testing.F) {
	for _, seed := range []string{"return 1;", "}", "`${", "/[/", "async () => await 1", "class A { #x; }", "\\u0061", "let a; let a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, script string) {
		dir := writeFiles(t, map[string]string{
			model: shapes, requests: greet, handlers + ".json": `{"Greet": {"Code": {"ScriptLanguage": "Javascript_ES5_1"}}}`, greetScript: script,
		})
		if err := project.Validate(dir); err != nil && strings.Contains(err.Error(), "cannot be parsed") {
			t.Error(err)
		}
	})
}
