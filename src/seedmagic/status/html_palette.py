"""The colours of what we show as HTML, by their meaning; plots have inks of their own.

Properties of CSS, which a style sheet asks for as ``var(--sm-wrong)``. Wherever a colour says
something, a word beside it says the same.
"""

# On a front end's own background: the variables of VS Code, Colab and JupyterLab follow their light
# and dark themes, and the values after them are for other front ends. JupyterLab's come last: the
# widgets of VS Code and Colab bring them too, with the dark text of a light page.
ANYWHERE = """
  --sm-text: var(--vscode-foreground,
    var(--colab-primary-text-color, var(--jp-ui-font-color1, inherit)));
  --sm-wrong: var(--vscode-errorForeground, var(--jp-error-color1, #d32f2f));
  --sm-right: var(--vscode-testing-iconPassed, var(--jp-success-color1, #388e3c));
  --sm-quiet: var(--vscode-descriptionForeground,
    var(--colab-secondary-text-color, var(--jp-ui-font-color2, #757575)));
  --sm-rule: var(--vscode-widget-border,
    var(--colab-border-color, var(--jp-border-color2, #80808040)));
  --sm-shade: var(--vscode-textCodeBlock-background,
    var(--colab-secondary-surface-color, var(--jp-layout-color2, #80808020)));
  --sm-pressable: var(--vscode-dropdown-foreground,
    var(--colab-primary-text-color, var(--jp-ui-font-color1)));
  --sm-button: var(--vscode-dropdown-background,
    var(--colab-secondary-surface-color, var(--jp-layout-color2)));
  --sm-field: var(--vscode-dropdown-background,
    var(--colab-secondary-surface-color, var(--jp-layout-color1)));
  --sm-edge: var(--vscode-dropdown-border, var(--colab-border-color, var(--jp-border-color1)));
"""
# Colab has no variables for these, and names its dark theme on the page's root. VS Code's are the
# same in its light themes, where they are too pale: 2.0 and 3.4 to 1 on white.
ON_DARK_COLAB = """
  --sm-wrong: #f28b82;
  --sm-right: #81c995;
"""
ON_LIGHT_VSCODE = """
  --sm-wrong: #b3261e;
  --sm-right: #146c2e;
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
