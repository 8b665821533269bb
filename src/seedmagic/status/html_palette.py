"""The colours of what we show as HTML, by their meaning; plots have inks of their own.

Properties of CSS, which a style sheet asks for as ``var(--sm-wrong)``. Wherever a colour says
something, a word beside it says the same.
"""

# On a front end's own background: VS Code's and JupyterLab's variables follow their light and dark
# themes, and the values after them are for other front ends. VS Code's come first: its widgets
# bring JupyterLab's too, with the dark text of a light page, whatever the theme is.
ANYWHERE = """
  --sm-text: var(--vscode-foreground, var(--jp-ui-font-color1, inherit));
  --sm-wrong: var(--vscode-errorForeground, var(--jp-error-color1, #d32f2f));
  --sm-right: var(--vscode-testing-iconPassed, var(--jp-success-color1, #388e3c));
  --sm-quiet: var(--vscode-descriptionForeground, var(--jp-ui-font-color2, #757575));
  --sm-rule: var(--vscode-widget-border, var(--jp-border-color2, #80808040));
  --sm-shade: var(--vscode-textCodeBlock-background, var(--jp-layout-color2, #80808020));
  --sm-button: var(--vscode-dropdown-background, var(--jp-layout-color2));
  --sm-field: var(--vscode-dropdown-background, var(--jp-layout-color1));
  --sm-pressable: var(--vscode-dropdown-foreground, var(--jp-ui-font-color1));
  --sm-edge: var(--vscode-dropdown-border, var(--jp-border-color1));
"""
# On a page of our own, which is white.
ON_WHITE = """
  --sm-ink: #1d1d1f;
  --sm-paper: #fff;
  --sm-wrong: #b3261e;
  --sm-right: #146c2e;
  --sm-quiet: #555;
  --sm-rule: #ddd;
  --sm-shade: #f5f5f7;
  --sm-changed: #ffd9d6;
"""
